/* SPDX-License-Identifier: MIT */
#include "common/metrics.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void metrics_begin(FILE *stream, const char *name, const char *type, const char *help)
{
    fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_label_value(FILE *stream, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            fputs("\\n", stream);
        else if (*value == '\\' || *value == '"')
            fprintf(stream, "\\%c", *value);
        else
            fputc(*value, stream);
    }
}

void metrics_value(FILE *stream, const char *name, const struct metric_label *labels, size_t count,
                   double value)
{
    fputs(name, stream);
    for (size_t i = 0; i < count; i++) {
        fprintf(stream, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
        write_label_value(stream, labels[i].value);
        fputc('"', stream);
    }
    fprintf(stream, "%s %.17g\n", count > 0 ? "}" : "", value);
}

void metrics_single(FILE *stream, const char *name, const char *type, const char *help,
                    double value)
{
    metrics_begin(stream, name, type, help);
    metrics_value(stream, name, NULL, 0, value);
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* A number of a file of the kernel's that has one line of fields; 0 where it cannot be read. */
static unsigned long long read_field(const char *path, unsigned index)
{
    FILE *file = fopen(path, "re");
    char line[1024] = "";
    char *rest = line;

    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    fclose(file);
    for (unsigned i = 0; i < index && rest != NULL; i++)
        strsep(&rest, " ");
    return rest == NULL ? 0 : strtoull(rest, NULL, 10);
}

static double resident_bytes(void)
{
    return (double)read_field("/proc/self/statm", 1) * (double)sysconf(_SC_PAGESIZE);
}

static double open_descriptors(void)
{
    DIR *stream = opendir("/proc/self/fd");
    double count = 0;

    if (stream == NULL)
        return 0;
    for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream))
        count += entry->d_name[0] != '.';
    closedir(stream);
    /* The one that listed them does not count. */
    return count - 1;
}

/* proc_pid_stat(5): the start is field 22, in ticks since the boot. Our name has no blank. */
static double start_time(void)
{
    unsigned long long ticks = read_field("/proc/self/stat", 21);
    struct timespec now;
    struct timespec up;

    clock_gettime(CLOCK_REALTIME, &now);
    clock_gettime(CLOCK_BOOTTIME, &up);
    return (double)now.tv_sec - (double)up.tv_sec + (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

void metrics_process(FILE *stream)
{
    struct rusage usage = {0};
    struct rlimit limit = {0};

    getrusage(RUSAGE_SELF, &usage);
    getrlimit(RLIMIT_NOFILE, &limit);
    metrics_single(stream, "process_cpu_seconds_total", "counter",
                   "Total user and system CPU time spent in seconds.",
                   seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
    metrics_single(stream, "process_resident_memory_bytes", "gauge",
                   "Resident memory size in bytes.", resident_bytes());
    metrics_single(stream, "process_open_fds", "gauge", "Number of open file descriptors.",
                   open_descriptors());
    metrics_single(stream, "process_max_fds", "gauge", "Maximum number of open file descriptors.",
                   (double)limit.rlim_cur);
    metrics_single(stream, "process_start_time_seconds", "gauge",
                   "Start time of the process since unix epoch in seconds.", start_time());
}
