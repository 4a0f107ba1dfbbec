/* fuzz_gibbs_state.c - a sampling's state file: any bytes as they are; then as the content of a file whose head and
 * checksum fit. Whatever was taken up can be drawn from, and comes to an end. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "train/gibbs_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VIEWERS = 3, TITLES = 2, ROWS = 5, CASES = 2, HEAD = 16, CHECKSUM = 16 };

static const struct gibbs_settings settings = {
    .start = 0.1, .rank = 2, .burn_in = 2, .samples = 2, .chains = 1, .seed = 7};
static struct gibbs_data data_of(void)
{
    static const float target[ROWS] = {1, 2, 5, 4, 3};
    static const uint32_t viewer[ROWS] = {0, 0, 1, 2, 2}, title[ROWS] = {0, 1, 1, 0, 1};
    static const uint32_t case_viewer[CASES] = {1, 0}, case_title[CASES] = {0, 1};
    struct gibbs_data d = {.rows = ROWS, .cases = CASES, .target = target, .n_blocks = 2};
    d.block[0] = (struct gibbs_block){.n = VIEWERS, .of_row = viewer, .of_case = case_viewer};
    d.block[1] = (struct gibbs_block){.n = TITLES, .of_row = title, .of_case = case_title};
    return d;
}

/* A file without a name. */
static int memory_file(char path[64], struct str content)
{
    int fd = memfd_create("state", 0);
    if (fd < 0 || write(fd, content.p, content.n) != (ssize_t)content.n)
        abort();
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void load(struct gibbs_chain *chain, struct str content)
{
    struct mq_error err;
    char path[64];
    int fd = memory_file(path, content);
    int rc = gibbs_state_load(path, &settings, chain, &err);
    if (rc != 0 && err.text[0] == '\0')
        abort();
    if (rc == 0) {
        gibbs_chain_settle(chain);
        gibbs_chain_sweep(chain);
        gibbs_chain_keep(chain);
    }
    close(fd);
}

/* A well-formed file, from the code that writes them; always the same. */
static void make_whole(const struct gibbs_chain *chain, struct buf *ret)
{
    struct mq_error err;
    char dir[] = "/tmp/marquee-fuzz-XXXXXX", path[64];
    if (ret->n > 0)
        return;
    buf_init(ret, 1 << 20);
    if (!mkdtemp(dir))
        abort();
    snprintf(path, sizeof(path), "%s/state", dir);
    if (gibbs_state_save(path, &settings, chain, &err) != 0 || file_read(path, ret, &err) != 0)
        abort();
    unlink(path);
    rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct gibbs_data d = data_of();
    struct gibbs_plan plan;
    struct gibbs_chain chain;
    struct mq_error err;
    static struct buf template;
    struct buf whole;
    if (gibbs_plan_init(&plan, &d, &settings, &err) != 0 ||
        gibbs_chain_init(&chain, &plan, settings.seed, 0, &err) != 0)
        abort();
    make_whole(&chain, &template);
    buf_init(&whole, template.n);
    buf_add_str(&whole, buf_str(&template));
    load(&chain, (struct str){(const char *)data, size});
    size_t room = whole.n - HEAD - CHECKSUM, n = size < room ? size : room;
    if (n > 0)
        memcpy(whole.p + HEAD, data, n);
    whole.n -= CHECKSUM;
    struct hash128 h = hash128(whole.p, whole.n);
    buf_add_u64le(&whole, h.lo);
    buf_add_u64le(&whole, h.hi);
    load(&chain, buf_str(&whole));
    buf_release(&whole);
    gibbs_chain_release(&chain);
    gibbs_plan_release(&plan);
    return 0;
}
