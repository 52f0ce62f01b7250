/* SPDX-License-Identifier: MIT */
#include "os/ebpf_filter.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <string.h>
#include <unistd.h>

/* Offsets from the Ethernet header on. */
#define OFFSET_ETHERNET_TYPE      12
#define OFFSET_ARP_SENDER_ADDRESS 28
#define OFFSET_ARP_TARGET_ADDRESS 38
#define OFFSET_IPV6_NEXT_HEADER   20
#define OFFSET_ICMPV6_TYPE        54
#define OFFSET_ND_TARGET          62

#define NEXT_HEADER_ICMPV6        58
#define ND_SOLICITATION           135 /* RFC 4861 §4.3 */
#define ND_ADVERTISEMENT          136 /* RFC 4861 §4.4 */

/* The result of a program is how many bytes of the frame to keep. */
#define PASS 0xffff
#define DROP 0

/* Bytes of a key; an IPv4 address is searched in its mapped form (RFC 4291 §2.5.5.2). */
#define KEY_SIZE          16

#define IPV6_HEADERS_SIZE (OFFSET_ICMPV6_TYPE + 1 - OFFSET_ETHERNET_TYPE)

/* Places on the stack of a program, below its frame pointer. */
#define STACK_KEY        (-16)
#define STACK_HEADERS    (-64)

#define INSTRUCTIONS_MAX 64
#define JUMPS_MAX        16

/* Instructions so far, and the jumps among them that wait for the place of their target. */
struct assembly {
    struct bpf_insn code[INSTRUCTIONS_MAX];
    size_t count;
    size_t drops[JUMPS_MAX];
    size_t drop_count;
    size_t passes[JUMPS_MAX];
    size_t pass_count;
};

static void add(struct assembly *assembly, struct bpf_insn instruction)
{
    assembly->code[assembly->count++] = instruction;
}

static void set_register(struct assembly *assembly, uint8_t target, int32_t value)
{
    add(assembly,
        (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = target, .imm = value});
}

static void copy_register(struct assembly *assembly, uint8_t target, uint8_t source)
{
    add(assembly, (struct bpf_insn){
                      .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = target, .src_reg = source});
}

static void stack_pointer(struct assembly *assembly, uint8_t target, int32_t place)
{
    copy_register(assembly, target, BPF_REG_10);
    add(assembly, (struct bpf_insn){.code = BPF_ALU64 | BPF_ADD, .dst_reg = target, .imm = place});
}

static void load(struct assembly *assembly, uint8_t size, uint8_t source, int16_t offset)
{
    add(assembly, (struct bpf_insn){.code = (uint8_t)(BPF_LDX | BPF_MEM | size),
                                    .dst_reg = BPF_REG_0,
                                    .src_reg = source,
                                    .off = offset});
}

static void store(struct assembly *assembly, int16_t place, int32_t value)
{
    add(assembly,
        (struct bpf_insn){
            .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = BPF_REG_10, .off = place, .imm = value});
}

/* Constants of 64 bits and map descriptors take two instructions. */
static void load_wide(struct assembly *assembly, uint8_t target, uint8_t kind, uint64_t value)
{
    add(assembly, (struct bpf_insn){.code = BPF_LD | BPF_IMM | BPF_DW,
                                    .dst_reg = target,
                                    .src_reg = kind,
                                    .imm = (int32_t)(uint32_t)value});
    add(assembly, (struct bpf_insn){.imm = (int32_t)(uint32_t)(value >> 32)});
}

static void call(struct assembly *assembly, int32_t helper)
{
    add(assembly, (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = helper});
}

static void drop_if(struct assembly *assembly, uint8_t condition, int32_t value)
{
    assembly->drops[assembly->drop_count++] = assembly->count;
    add(assembly, (struct bpf_insn){.code = (uint8_t)(BPF_JMP | BPF_K | condition), .imm = value});
}

static void pass_if(struct assembly *assembly, uint8_t condition, int32_t value)
{
    assembly->passes[assembly->pass_count++] = assembly->count;
    add(assembly, (struct bpf_insn){.code = (uint8_t)(BPF_JMP | BPF_K | condition), .imm = value});
}

/* Copies bytes of the frame to the stack; drops a frame that is too short. Register 6 holds the
 * frame, since calls keep it. */
static void copy_frame(struct assembly *assembly, int32_t offset, int32_t place, int32_t size)
{
    copy_register(assembly, BPF_REG_1, BPF_REG_6);
    set_register(assembly, BPF_REG_2, offset);
    stack_pointer(assembly, BPF_REG_3, place);
    set_register(assembly, BPF_REG_4, size);
    call(assembly, BPF_FUNC_skb_load_bytes);
    drop_if(assembly, BPF_JNE, 0);
}

/* Leaves in register 0 whether the key is in the set. */
static void look_up(struct assembly *assembly, int set)
{
    load_wide(assembly, BPF_REG_1, BPF_PSEUDO_MAP_FD, (uint32_t)set);
    stack_pointer(assembly, BPF_REG_2, STACK_KEY);
    call(assembly, BPF_FUNC_map_lookup_elem);
}

/* The kernel has taken the tag of a foreign VLAN out of the frame, but remembers it. */
static void begin(struct assembly *assembly)
{
    copy_register(assembly, BPF_REG_6, BPF_REG_1);
    load(assembly, BPF_W, BPF_REG_6, offsetof(struct __sk_buff, vlan_present));
    drop_if(assembly, BPF_JNE, 0);
}

/* Places the two ends and lets the jumps lead there; falling through drops. */
static void finish(struct assembly *assembly)
{
    const struct bpf_insn exit = {.code = BPF_JMP | BPF_EXIT};
    const size_t drop = assembly->count;
    const size_t pass = drop + 2;

    set_register(assembly, BPF_REG_0, DROP);
    add(assembly, exit);
    set_register(assembly, BPF_REG_0, PASS);
    add(assembly, exit);
    for (size_t i = 0; i < assembly->drop_count; i++)
        assembly->code[assembly->drops[i]].off = (int16_t)(drop - assembly->drops[i] - 1);
    for (size_t i = 0; i < assembly->pass_count; i++)
        assembly->code[assembly->passes[i]].off = (int16_t)(pass - assembly->passes[i] - 1);
}

/* RFC 826 over Ethernet and IPv4: the fields from the Ethernet type to the lengths are constant. */
static uint64_t arp_constant(void)
{
    static const uint8_t bytes[8] = {0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4};
    uint64_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

static int32_t big_endian_16(uint16_t value)
{
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    uint16_t result;

    memcpy(&result, bytes, sizeof(result));
    return result;
}

/* The words of a mapped address before the IPv4 address. */
static void store_mapped_prefix(struct assembly *assembly)
{
    static const uint8_t bytes[4] = {0x00, 0x00, 0xff, 0xff};
    int32_t word;

    memcpy(&word, bytes, sizeof(word));
    store(assembly, STACK_KEY, 0);
    store(assembly, STACK_KEY + 4, 0);
    store(assembly, STACK_KEY + 8, word);
}

static void assemble_arp(struct assembly *assembly, int set)
{
    begin(assembly);
    copy_frame(assembly, OFFSET_ETHERNET_TYPE, STACK_HEADERS, sizeof(uint64_t));
    load(assembly, BPF_DW, BPF_REG_10, STACK_HEADERS);
    load_wide(assembly, BPF_REG_1, 0, arp_constant());
    assembly->drops[assembly->drop_count++] = assembly->count;
    add(assembly, (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_X,
                                    .dst_reg = BPF_REG_0,
                                    .src_reg = BPF_REG_1});
    store_mapped_prefix(assembly);
    copy_frame(assembly, OFFSET_ARP_TARGET_ADDRESS, STACK_KEY + 12, 4);
    look_up(assembly, set);
    pass_if(assembly, BPF_JNE, 0);
    copy_frame(assembly, OFFSET_ARP_SENDER_ADDRESS, STACK_KEY + 12, 4);
    look_up(assembly, set);
    pass_if(assembly, BPF_JNE, 0);
    finish(assembly);
}

/* One copy serves all IPv6 traffic that is no neighbour discovery. */
static void assemble_ndp(struct assembly *assembly, int set)
{
    begin(assembly);
    copy_frame(assembly, OFFSET_ETHERNET_TYPE, STACK_HEADERS, IPV6_HEADERS_SIZE);
    load(assembly, BPF_B, BPF_REG_10,
         STACK_HEADERS + OFFSET_IPV6_NEXT_HEADER - OFFSET_ETHERNET_TYPE);
    drop_if(assembly, BPF_JNE, NEXT_HEADER_ICMPV6);
    load(assembly, BPF_H, BPF_REG_10, STACK_HEADERS);
    drop_if(assembly, BPF_JNE, big_endian_16(ETH_P_IPV6));
    load(assembly, BPF_B, BPF_REG_10, STACK_HEADERS + OFFSET_ICMPV6_TYPE - OFFSET_ETHERNET_TYPE);
    drop_if(assembly, BPF_JLT, ND_SOLICITATION);
    drop_if(assembly, BPF_JGT, ND_ADVERTISEMENT);
    copy_frame(assembly, OFFSET_ND_TARGET, STACK_KEY, KEY_SIZE);
    look_up(assembly, set);
    pass_if(assembly, BPF_JNE, 0);
    finish(assembly);
}

static int load_program(void (*assemble)(struct assembly *, int), const char *name, int set)
{
    struct assembly assembly = {0};
    int descriptor;

    assemble(&assembly, set);
    descriptor = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, name, "MIT", assembly.code,
                               assembly.count, NULL);
    return descriptor >= 0 ? descriptor : -errno;
}

/* Not preallocated: the memory follows the number of addresses, the limit costs 16 bytes each. */
static int create_set(size_t limit)
{
    const struct bpf_map_create_opts options = {.sz = sizeof(options),
                                                .map_flags = BPF_F_NO_PREALLOC};
    const int descriptor =
        bpf_map_create(BPF_MAP_TYPE_HASH, "mlb_addresses", KEY_SIZE, 1, (uint32_t)limit, &options);

    return descriptor >= 0 ? descriptor : -errno;
}

int ebpf_filter_open(struct ebpf_filter *filter, size_t limit)
{
    struct ebpf_filter opened = {.set = create_set(limit), .arp = -1, .ndp = -1, .limit = limit};
    int error = 0;

    if (opened.set < 0)
        return opened.set;
    opened.arp = load_program(assemble_arp, "mlb_arp", opened.set);
    if (opened.arp < 0)
        error = opened.arp;
    else
        opened.ndp = load_program(assemble_ndp, "mlb_ndp", opened.set);
    if (!error && opened.ndp < 0)
        error = opened.ndp;
    if (error) {
        ebpf_filter_close(&opened);
        return error;
    }
    *filter = opened;
    return 0;
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void ebpf_filter_close(struct ebpf_filter *filter)
{
    close_descriptor(&filter->set);
    close_descriptor(&filter->arp);
    close_descriptor(&filter->ndp);
}

static void make_key(const struct mlb_address *address, uint8_t key[KEY_SIZE])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (address->family == MLB_FAMILY_IPV6) {
        memcpy(key, address->bytes, KEY_SIZE);
        return;
    }
    memcpy(key, mapped, sizeof(mapped));
    memcpy(key + sizeof(mapped), address->bytes, 4);
}

int ebpf_filter_add(const struct ebpf_filter *filter, const struct mlb_address *address)
{
    const uint8_t present = 1;
    uint8_t key[KEY_SIZE];

    make_key(address, key);
    return bpf_map_update_elem(filter->set, key, &present, BPF_ANY) == 0 ? 0 : -errno;
}

int ebpf_filter_remove(const struct ebpf_filter *filter, const struct mlb_address *address)
{
    uint8_t key[KEY_SIZE];

    make_key(address, key);
    if (bpf_map_delete_elem(filter->set, key) == 0 || errno == ENOENT)
        return 0;
    return -errno;
}
