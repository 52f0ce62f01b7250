/* SPDX-License-Identifier: MIT */
#include "redirect.h"

#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct search {
    const char *library;
    const struct redirection *redirections;
    size_t count;
    size_t changed;
};

/* What the dynamic section says. */
struct tables {
    const ElfW(Sym) * symbols;
    const char *names;
    const ElfW(Rela) * relocations[2];
    size_t sizes[2];
};

static int is_library(const char *path, const char *library)
{
    const char *name = strrchr(path, '/');
    const size_t length = strlen(library);

    name = name ? name + 1 : path;
    return strncmp(name, library, length) == 0 && strncmp(name + length, ".so", 3) == 0;
}

static struct tables read_tables(const ElfW(Dyn) * entry)
{
    struct tables tables = {0};

    for (; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
        case DT_SYMTAB:
            tables.symbols = (const ElfW(Sym) *)entry->d_un.d_ptr;
            break;
        case DT_STRTAB:
            tables.names = (const char *)entry->d_un.d_ptr;
            break;
        case DT_RELA:
            tables.relocations[0] = (const ElfW(Rela) *)entry->d_un.d_ptr;
            break;
        case DT_RELASZ:
            tables.sizes[0] = entry->d_un.d_val;
            break;
        case DT_JMPREL:
            tables.relocations[1] = (const ElfW(Rela) *)entry->d_un.d_ptr;
            break;
        case DT_PLTRELSZ:
            tables.sizes[1] = entry->d_un.d_val;
            break;
        default:
            break;
        }
    }
    return tables;
}

/* The place may be on a page that became read-only when the library was loaded. */
static void write_place(uintptr_t place, uintptr_t value)
{
    const uintptr_t page = place & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);

    if (mprotect((void *)page, place + sizeof(value) - page, PROT_READ | PROT_WRITE)) {
        perror("mprotect");
        abort();
    }
    memcpy((void *)place, &value, sizeof(value));
}

static void change(struct search *search, ElfW(Addr) base, const struct tables *tables,
                   const ElfW(Rela) * relocation)
{
    const char *name = tables->names + tables->symbols[ELF64_R_SYM(relocation->r_info)].st_name;

    for (size_t i = 0; i < search->count; i++) {
        if (strcmp(name, search->redirections[i].name) == 0) {
            write_place(base + relocation->r_offset, (uintptr_t)search->redirections[i].function);
            search->changed++;
        }
    }
}

static int visit(struct dl_phdr_info *info, size_t size, void *context)
{
    struct search *search = context;

    (void)size;
    if (!is_library(info->dlpi_name, search->library))
        return 0;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        struct tables tables;

        if (info->dlpi_phdr[i].p_type != PT_DYNAMIC)
            continue;
        tables = read_tables((const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr));
        for (size_t t = 0; t < 2; t++) {
            if (!tables.symbols || !tables.names || !tables.relocations[t])
                continue;
            for (size_t k = 0; k < tables.sizes[t] / sizeof(ElfW(Rela)); k++)
                change(search, info->dlpi_addr, &tables, &tables.relocations[t][k]);
        }
    }
    return 0;
}

size_t redirect(const char *library, const struct redirection *redirections, size_t count)
{
    struct search search = {library, redirections, count, 0};

    dl_iterate_phdr(visit, &search);
    return search.changed;
}
