/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over a corpus directory as an ordinary test, with any compiler:
 *
 *     replay-arp tests/corpus/arp
 *
 * Each file is run as it is, cut short at every length, and with a fixed number of seeded byte
 * mutations; one TAP line a file. Inputs stand in memory of exactly their size, so that
 * AddressSanitizer sees a read of one byte too many. A crash ends the program before its last line
 * and thereby fails the test.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Longer inputs are cut at evenly spaced lengths and not at each. */
#define TRUNCATIONS_MAX 2048
#define MUTATIONS       512
#define INPUT_MAX       (1024 * 1024)

struct input {
    uint8_t *bytes;
    size_t size;
};

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* xorshift64*: the same mutations on every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy) {
        printf("Bail out! no memory\n");
        exit(1);
    }
    if (size)
        memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_truncations(const struct input *input)
{
    size_t step = input->size / TRUNCATIONS_MAX + 1;

    for (size_t size = 0; size < input->size; size += step)
        run(input->bytes, size);
}

/* Changes a byte to any value, to a neighbour, to an extreme, or flips one of its bits. */
static uint8_t mutate(uint8_t byte, uint64_t random)
{
    static const uint8_t extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, '\n', '"'};

    switch (random % 4) {
    case 0:
        return (uint8_t)(random >> 8);
    case 1:
        return (uint8_t)(byte + ((random & 256) ? 1 : -1));
    case 2:
        return extremes[(random >> 8) % sizeof(extremes)];
    default:
        return byte ^ (uint8_t)(1u << ((random >> 8) % 8));
    }
}

static void run_mutations(struct input *input)
{
    uint64_t state = UINT64_C(0x9e3779b97f4a7c15) + input->size;

    for (int i = 0; input->size && i < MUTATIONS; i++) {
        size_t positions[3];
        uint8_t saved[3];
        size_t count = 1 + next_random(&state) % 3;

        for (size_t k = 0; k < count; k++) {
            positions[k] = next_random(&state) % input->size;
            saved[k] = input->bytes[positions[k]];
            input->bytes[positions[k]] = mutate(saved[k], next_random(&state));
        }
        run(input->bytes, input->size);
        while (count-- > 0)
            input->bytes[positions[count]] = saved[count];
    }
}

/* Reads a file into memory that the caller frees; 0 when that worked. */
static int read_input(const char *directory, const char *name, struct input *input)
{
    char path[4096];
    FILE *file;
    int failed;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "rb");
    if (!file)
        return -1;
    input->bytes = malloc(INPUT_MAX);
    input->size = input->bytes ? fread(input->bytes, 1, INPUT_MAX, file) : 0;
    failed = !input->bytes || ferror(file) || !feof(file);
    fclose(file);
    if (failed) {
        free(input->bytes);
        return -1;
    }
    return 0;
}

static int replay_file(const char *directory, const char *name, int number)
{
    struct input input;

    if (read_input(directory, name, &input)) {
        printf("not ok %d - %s: cannot be read, or is longer than %d bytes\n", number, name,
               INPUT_MAX - 1);
        return 1;
    }
    run(input.bytes, input.size);
    run_truncations(&input);
    run_mutations(&input);
    free(input.bytes);
    printf("ok %d - %s\n", number, name);
    fflush(stdout);
    return 0;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int failures = 0;
    int count;

    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
        return 2;
    }
    count = scandir(argv[1], &entries, is_input, alphasort);
    if (count <= 0) {
        printf("1..1\nnot ok 1 - corpus %s: %s\n", argv[1],
               count < 0 ? strerror(errno) : "holds no input");
        free(entries);
        return 1;
    }
    printf("1..%d\n", count);
    fflush(stdout);
    for (int i = 0; i < count; i++) {
        failures += replay_file(argv[1], entries[i]->d_name, i + 1);
        free(entries[i]);
    }
    free(entries);
    return failures > 0;
}
