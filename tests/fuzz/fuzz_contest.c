/* fuzz_contest.c - what `evaluate contest` reads: the first byte says whether the rest is a submission's predictions, the
 * contest's own file, its board, or the rows asked. A submission that is taken has an error of at least 0. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "eval/contest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64];

static void put(const char *name, struct str content)
{
    struct mq_error err;
    char path[96];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    if (file_write(path, content, 0600, &err) != 0)
        abort();
}

static void clear(void)
{
    static const char *const names[] = {"CONTEST", "BOARD", "asked", "given"};
    char path[96];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        unlink(path);
    }
    rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mq_error err;
    struct contest_board board;
    char asked[96], given[96];
    if (size == 0)
        return 0;
    snprintf(dir, sizeof(dir), "/dev/shm/marquee-fuzz-XXXXXX");
    if (!mkdtemp(dir))
        snprintf(dir, sizeof(dir), "/tmp/marquee-fuzz-XXXXXX");
    if (access(dir, W_OK) != 0 && !mkdtemp(dir))
        abort();
    struct str content = {(const char *)data + 1, size - 1};
    snprintf(asked, sizeof(asked), "%s/asked", dir);
    snprintf(given, sizeof(given), "%s/given", dir);
    put("asked", STR("u\tt1\t4\nu\tt2\t3\nv\tt1\t5\n"));
    put("given", STR("u\tt1\t4.5\nu\tt2\t3\nv\tt1\t1e3\n"));
    const char *const names[] = {"given", "CONTEST", "BOARD", "asked"};
    put(names[data[0] % 4], content);
    struct contest_options o = {.folder = dir,
                                .ratings = asked,
                                .predictions = given,
                                .name = "somebody",
                                .close = data[0] & 4,
                                .seed = 1,
                                .now_ms = 1};
    int rc = evaluate_contest(&o, &board, &err);
    if (rc != 0 && err.text[0] == '\0')
        abort();
    if (rc == 0) {
        const struct contest_entry *e = &board.entry[board.latest < board.n ? board.latest : 0];
        if (board.n == 0 || (board.latest < board.n && !(e->quiz >= 0 && e->test >= 0)))
            abort();
        contest_board_release(&board);
    }
    clear();
    return 0;
}
