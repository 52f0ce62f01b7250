/* SPDX-License-Identifier: MIT */
/* Any text is an entry or is refused; what is an entry reads back from its canonical form. */
#include <metallb/address.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void check_accepted(const struct mlb_range *range)
{
    struct mlb_prefix prefixes[MLB_RANGE_PREFIXES_MAX];
    char text[MLB_RANGE_TEXT_SIZE];
    struct mlb_range again;
    struct mlb_count count;
    size_t needed;

    require(mlb_range_format(range, text, sizeof(text), NULL) == MLB_OK);
    require(mlb_range_parse(text, &again, NULL) == MLB_OK);
    require(memcmp(range, &again, sizeof(again)) == 0);
    require(mlb_range_count(range, &count, NULL) == MLB_OK);
    require(mlb_range_prefixes(range, prefixes, MLB_RANGE_PREFIXES_MAX, &needed, NULL) == MLB_OK);
    require(mlb_address_compare(&prefixes[0].address, &range->first) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct mlb_diagnostic diagnostic;
    struct mlb_address address;
    struct mlb_range range;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    mlb_diagnostic_init(&diagnostic);
    if (mlb_range_parse(text, &range, &diagnostic) == MLB_OK)
        check_accepted(&range);
    else
        require(diagnostic.code != MLB_OK && diagnostic.message[0] != '\0');
    if (mlb_address_parse(text, &address, &diagnostic) == MLB_OK)
        check_accepted(&(struct mlb_range){.first = address, .last = address});
    free(text);
    return 0;
}
