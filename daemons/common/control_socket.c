/* SPDX-License-Identifier: MIT */
#include "common/control_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int make_directory(const char *path)
{
    char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
    char *slash;

    snprintf(directory, sizeof(directory), "%s", path);
    slash = strrchr(directory, '/');
    if (slash == NULL || slash == directory)
        return 0;
    *slash = '\0';
    return mkdir(directory, 0755) == 0 || errno == EEXIST ? 0 : -errno;
}

/* Removes a socket that nobody listens on any more; -EADDRINUSE when somebody does. */
static int remove_stale(const struct sockaddr_un *address)
{
    struct stat status;
    int result = 0;
    int fd;

    if (lstat(address->sun_path, &status) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode))
        return -ENOTSOCK;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
        result = -EADDRINUSE;
    else if (errno != ECONNREFUSED && errno != ENOENT)
        result = -errno;
    close(fd);
    if (result == 0 && unlink(address->sun_path) != 0 && errno != ENOENT)
        result = -errno;
    return result;
}

static int listen_on(struct control_socket *made, int backlog)
{
    const struct sockaddr *address = (const struct sockaddr *)&made->address;
    struct stat status;
    int result = make_directory(made->address.sun_path);

    if (result == 0)
        result = remove_stale(&made->address);
    if (result != 0)
        return result;
    made->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* The file takes its mode from the descriptor less the umask: at no time is it open to
     * others. */
    if (made->fd < 0 || fchmod(made->fd, 0660) != 0 ||
        bind(made->fd, address, sizeof(made->address)) != 0 ||
        chmod(made->address.sun_path, 0660) != 0)
        return -errno;
    if (lstat(made->address.sun_path, &status) != 0)
        return -errno;
    made->device = status.st_dev;
    made->inode = status.st_ino;
    return listen(made->fd, backlog) == 0 ? 0 : -errno;
}

static void describe(int result, const char *path, char *error, size_t error_size)
{
    const char *message;

    if (result == -EADDRINUSE)
        message = "another process listens there";
    else if (result == -ENOTSOCK)
        message = "a file that is no socket stands there";
    else if (result == -ENAMETOOLONG)
        message = "the path is too long for a Unix socket";
    else
        message = strerror(-result);
    snprintf(error, error_size, "control socket %s: %s", path, message);
}

int control_socket_open(struct control_socket *made, const char *path, int backlog, char *error,
                        size_t error_size)
{
    int result = -ENAMETOOLONG;

    *made = (struct control_socket){.fd = -1, .address.sun_family = AF_UNIX};
    if (strlen(path) < sizeof(made->address.sun_path)) {
        memcpy(made->address.sun_path, path, strlen(path) + 1);
        result = listen_on(made, backlog);
    }
    if (result != 0)
        describe(result, path, error, error_size);
    return result == 0 ? 0 : -1;
}

static void remove_own(const struct control_socket *made)
{
    struct stat status;

    if (made->inode != 0 && lstat(made->address.sun_path, &status) == 0 &&
        status.st_dev == made->device && status.st_ino == made->inode)
        unlink(made->address.sun_path);
}

void control_socket_close(struct control_socket *made)
{
    if (made->fd >= 0)
        close(made->fd);
    remove_own(made);
}
