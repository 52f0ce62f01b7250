/* SPDX-License-Identifier: MIT */
/*
 * Instructions are appended from the last to the first: a jump of classic BPF only goes forward, so
 * its target is already there and the distance is known. A conditional jump reaches 255
 * instructions; behind that a trampoline is put in its way.
 */
#include "os/classic_filter.h"

#include <errno.h>
#include <limits.h>
#include <linux/bpf_common.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>

/* Offsets from the Ethernet header on; ARP as RFC 826 lays it out over Ethernet and IPv4. */
#define OFFSET_ETHERNET_TYPE      12
#define OFFSET_ARP_HARDWARE_TYPE  14
#define OFFSET_ARP_LENGTHS        18
#define OFFSET_ARP_SENDER_ADDRESS 28
#define OFFSET_ARP_TARGET_ADDRESS 38
#define OFFSET_IPV6_NEXT_HEADER   20
#define OFFSET_ICMPV6_TYPE        54
#define OFFSET_ND_TARGET          62

#define ARP_ETHERNET_IPV4         0x00010800u /* hardware type 1, protocol type 0x0800 */
#define ARP_LENGTHS               0x0604u     /* of a hardware and of a protocol address */
#define NEXT_HEADER_ICMPV6        58u
#define ND_SOLICITATION_TYPE      135u /* RFC 4861 §4.3 */
#define ND_ADVERTISEMENT          136u /* RFC 4861 §4.4 */

/* The result of a program is how many bytes of the frame to keep. */
#define PASS 0xffffu
#define DROP 0u

/* Distance at which a trampoline is made; two less than a jump reaches, since a jump has two
 * targets and each may need one. */
#define REACH 253

struct builder {
    struct sock_filter reversed[BPF_MAXINSNS];
    size_t count;
    int error;
};

/* A place in the program to jump to; positions count from the end of the program. */
struct target {
    size_t origin;
    size_t nearest; /* of the origin and its trampolines */
    int is_return;  /* the origin returns, so a copy of it is as good as a jump to it */
    uint32_t value;
};

/* What a search needs besides the intervals. */
struct search {
    struct builder *builder;
    struct target *pass;
    struct target *drop;
    uint32_t offset;  /* of the address in the frame */
    size_t word_base; /* the word that stands at offset */
};

/* Values of one word of the address that decide alike. */
struct segment {
    uint32_t first;
    uint32_t last;
    size_t begin; /* the intervals that decide on the words behind this one */
    size_t count; /* 0: all addresses with these values are in the set */
};

void classic_program_free(struct classic_program *program)
{
    free(program->instructions);
    *program = (struct classic_program){0};
}

static void emit(struct builder *builder, uint16_t code, uint32_t operand, size_t if_true,
                 size_t if_false)
{
    if (builder->count == BPF_MAXINSNS) {
        builder->error = -E2BIG;
        return;
    }
    builder->reversed[builder->count++] =
        (struct sock_filter){code, (uint8_t)if_true, (uint8_t)if_false, operand};
}

static size_t distance(const struct builder *builder, size_t position)
{
    return builder->count - position - 1;
}

static struct target last_emitted(const struct builder *builder)
{
    const size_t position = builder->count - 1;

    return (struct target){.origin = position, .nearest = position};
}

static struct target emit_return(struct builder *builder, uint32_t value)
{
    struct target target;

    emit(builder, BPF_RET | BPF_K, value, 0, 0);
    target = last_emitted(builder);
    target.is_return = 1;
    target.value = value;
    return target;
}

static void emit_trampoline(struct builder *builder, struct target *target)
{
    if (target->is_return)
        emit(builder, BPF_RET | BPF_K, target->value, 0, 0);
    else
        emit(builder, BPF_JMP | BPF_JA, (uint32_t)distance(builder, target->origin), 0, 0);
    target->nearest = builder->count - 1;
}

static void bring_near(struct builder *builder, struct target *target)
{
    if (distance(builder, target->nearest) > REACH)
        emit_trampoline(builder, target);
}

static struct target emit_jump(struct builder *builder, uint16_t condition, uint32_t operand,
                               struct target *if_true, struct target *if_false)
{
    bring_near(builder, if_true);
    bring_near(builder, if_false);
    emit(builder, BPF_JMP | BPF_K | condition, operand, distance(builder, if_true->nearest),
         distance(builder, if_false->nearest));
    return last_emitted(builder);
}

/* A load continues with the next instruction, which must therefore be the target or lead there. */
static struct target emit_load(struct builder *builder, uint16_t size, uint32_t offset,
                               struct target *next)
{
    if (next->nearest + 1 != builder->count)
        emit_trampoline(builder, next);
    emit(builder, BPF_LD | BPF_ABS | size, offset, 0, 0);
    return last_emitted(builder);
}

/* Goes on at next if the field of the frame has the value. */
static struct target emit_check(struct builder *builder, uint16_t size, uint32_t offset,
                                uint32_t value, struct target *next, struct target *drop)
{
    struct target comparison = emit_jump(builder, BPF_JEQ, value, next, drop);

    return emit_load(builder, size, offset, &comparison);
}

/* The kernel has taken the tag of a foreign VLAN out of the frame, but remembers it. */
static struct target emit_tag_check(struct builder *builder, struct target *next,
                                    struct target *drop)
{
    return emit_check(builder, BPF_B, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT), 0, next,
                      drop);
}

static int all_words_are(const uint32_t words[ADDRESS_WORDS], size_t from, uint32_t value)
{
    for (size_t i = from; i < ADDRESS_WORDS; i++) {
        if (words[i] != value)
            return 0;
    }
    return 1;
}

/* Intervals that all have the same words before this one, cut into segments by this word. */
struct segmentation {
    struct segment *segments;
    size_t segment_count;
    struct address_interval *parts; /* what is left to decide within a segment of one value */
    size_t part_count;
};

/* An interval covers a value of the word in part: the words behind decide. */
static void add_part(struct segmentation *result, uint32_t value, size_t word,
                     const struct address_interval *interval)
{
    struct segment *segment = result->segments + result->segment_count;
    struct address_interval *part = &result->parts[result->part_count];

    *part = *interval;
    for (size_t i = word + 1; i < ADDRESS_WORDS; i++) {
        if (interval->first[word] != value)
            part->first[i] = 0;
        if (interval->last[word] != value)
            part->last[i] = UINT32_MAX;
    }
    if (result->segment_count > 0 && segment[-1].count > 0 && segment[-1].first == value) {
        segment[-1].count++;
    } else {
        *segment = (struct segment){value, value, result->part_count, 1};
        result->segment_count++;
    }
    result->part_count++;
}

static void add_interval(struct segmentation *result, size_t word,
                         const struct address_interval *interval)
{
    const uint32_t first = interval->first[word];
    const uint32_t last = interval->last[word];
    const int whole_first = all_words_are(interval->first, word + 1, 0);
    const int whole_last = all_words_are(interval->last, word + 1, UINT32_MAX);
    const uint64_t middle_first = (uint64_t)first + !whole_first;
    const uint64_t middle_end = (uint64_t)last + whole_last;

    if (first == last && !(whole_first && whole_last)) {
        add_part(result, first, word, interval);
        return;
    }
    if (!whole_first)
        add_part(result, first, word, interval);
    if (middle_first < middle_end)
        result->segments[result->segment_count++] =
            (struct segment){(uint32_t)middle_first, (uint32_t)(middle_end - 1), 0, 0};
    if (!whole_last)
        add_part(result, last, word, interval);
}

static int cut_into_segments(const struct address_interval *intervals, size_t count, size_t word,
                             struct segmentation *result)
{
    *result = (struct segmentation){
        .segments = calloc(3 * count + 1, sizeof(*result->segments)),
        .parts = calloc(2 * count + 1, sizeof(*result->parts)),
    };
    if (!result->segments || !result->parts)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        add_interval(result, word, &intervals[i]);
    return 0;
}

static void free_segmentation(struct segmentation *segmentation)
{
    free(segmentation->segments);
    free(segmentation->parts);
}

static struct target *emit_word(const struct search *search,
                                const struct address_interval *intervals, size_t count, size_t word,
                                struct target *storage);

/* The word is known to lie between lowest and highest; compares only what that leaves open. */
static struct target *emit_segment(const struct search *search, const struct segmentation *cut,
                                   size_t word, size_t position, uint32_t lowest, uint32_t highest,
                                   struct target *storage)
{
    const struct segment *segment = &cut->segments[position];
    struct target upper;
    struct target *inside = search->pass;

    if (segment->count > 0)
        inside = emit_word(search, cut->parts + segment->begin, segment->count, word + 1, storage);
    if (segment->first <= lowest && segment->last >= highest)
        return inside;
    if (segment->first == segment->last)
        *storage = emit_jump(search->builder, BPF_JEQ, segment->first, inside, search->drop);
    else if (segment->last >= highest)
        *storage = emit_jump(search->builder, BPF_JGE, segment->first, inside, search->drop);
    else {
        upper = emit_jump(search->builder, BPF_JGT, segment->last, search->drop, inside);
        *storage = upper;
        if (segment->first > lowest)
            *storage = emit_jump(search->builder, BPF_JGE, segment->first, &upper, search->drop);
    }
    return storage;
}

/* A balanced tree over the segments from begin to end (not included), at least one. */
static struct target *emit_tree(const struct search *search, const struct segmentation *cut,
                                size_t word, size_t begin, size_t end, uint32_t lowest,
                                uint32_t highest, struct target *storage)
{
    const size_t middle = begin + (end - begin) / 2;
    const uint32_t pivot = cut->segments[middle].first;
    struct target left_storage;
    struct target right_storage;
    struct target *left;
    struct target *right;

    if (end - begin == 1)
        return emit_segment(search, cut, word, begin, lowest, highest, storage);
    right = emit_tree(search, cut, word, middle, end, pivot, highest, &right_storage);
    left = emit_tree(search, cut, word, begin, middle, lowest, pivot - 1, &left_storage);
    *storage = emit_jump(search->builder, BPF_JGE, pivot, right, left);
    return storage;
}

/* Loads a word of the address and searches it; depth of the recursion is bounded by the words. */
static struct target *emit_word(const struct search *search,
                                const struct address_interval *intervals, size_t count, size_t word,
                                struct target *storage)
{
    struct builder *builder = search->builder;
    const uint32_t offset = search->offset + 4 * (uint32_t)(word - search->word_base);
    struct segmentation cut;
    struct target tree_storage;

    if (count == 0)
        return search->drop;
    if (cut_into_segments(intervals, count, word, &cut) != 0) {
        builder->error = -ENOMEM;
    } else {
        struct target *tree =
            emit_tree(search, &cut, word, 0, cut.segment_count, 0, UINT32_MAX, &tree_storage);
        *storage = emit_load(builder, BPF_W, offset, tree);
    }
    free_segmentation(&cut);
    return builder->error ? search->drop : storage;
}

static int finish(struct builder *builder, struct classic_program *program)
{
    struct sock_filter *instructions;

    if (builder->error)
        return builder->error;
    instructions = calloc(builder->count, sizeof(*instructions));
    if (!instructions)
        return -ENOMEM;
    for (size_t i = 0; i < builder->count; i++)
        instructions[i] = builder->reversed[builder->count - 1 - i];
    program->instructions = instructions;
    program->length = builder->count;
    return 0;
}

static void emit_arp(struct builder *builder, const struct interval_list *intervals)
{
    struct target drop = emit_return(builder, DROP);
    struct target pass = emit_return(builder, PASS);
    struct target sender_storage;
    struct target target_storage;
    struct search search = {builder, &pass, &drop, OFFSET_ARP_SENDER_ADDRESS, ADDRESS_WORDS - 1};
    struct target *next;
    struct target entry;

    /* The search for the target stands before that for the sender and continues there. */
    next =
        emit_word(&search, intervals->items, intervals->count, ADDRESS_WORDS - 1, &sender_storage);
    search.drop = next;
    search.offset = OFFSET_ARP_TARGET_ADDRESS;
    next =
        emit_word(&search, intervals->items, intervals->count, ADDRESS_WORDS - 1, &target_storage);
    entry = emit_check(builder, BPF_H, OFFSET_ARP_LENGTHS, ARP_LENGTHS, next, &drop);
    entry = emit_check(builder, BPF_W, OFFSET_ARP_HARDWARE_TYPE, ARP_ETHERNET_IPV4, &entry, &drop);
    entry = emit_check(builder, BPF_H, OFFSET_ETHERNET_TYPE, ETH_P_ARP, &entry, &drop);
    emit_tag_check(builder, &entry, &drop);
}

static void emit_ndp(struct builder *builder, const struct interval_list *intervals)
{
    struct target drop = emit_return(builder, DROP);
    struct target pass = emit_return(builder, PASS);
    struct target storage;
    const struct search search = {builder, &pass, &drop, OFFSET_ND_TARGET, 0};
    struct target *next = emit_word(&search, intervals->items, intervals->count, 0, &storage);
    struct target entry = emit_jump(builder, BPF_JEQ, ND_ADVERTISEMENT, next, &drop);

    entry = emit_jump(builder, BPF_JEQ, ND_SOLICITATION_TYPE, next, &entry);
    entry = emit_load(builder, BPF_B, OFFSET_ICMPV6_TYPE, &entry);
    entry = emit_check(builder, BPF_B, OFFSET_IPV6_NEXT_HEADER, NEXT_HEADER_ICMPV6, &entry, &drop);
    entry = emit_check(builder, BPF_H, OFFSET_ETHERNET_TYPE, ETH_P_IPV6, &entry, &drop);
    emit_tag_check(builder, &entry, &drop);
}

static int build(void (*emit_program)(struct builder *, const struct interval_list *),
                 const struct interval_list *intervals, struct classic_program *program)
{
    struct builder *builder = calloc(1, sizeof(*builder));
    int error;

    if (!builder)
        return -ENOMEM;
    if (intervals->count > 0)
        emit_program(builder, intervals);
    else
        emit_return(builder, DROP);
    error = finish(builder, program);
    free(builder);
    return error;
}

int classic_filter_arp(const struct interval_list *intervals, struct classic_program *program)
{
    return build(emit_arp, intervals, program);
}

int classic_filter_ndp(const struct interval_list *intervals, struct classic_program *program)
{
    return build(emit_ndp, intervals, program);
}
