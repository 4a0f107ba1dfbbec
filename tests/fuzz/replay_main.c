/* replay_main.c - a fuzz target's corpus as an ordinary test: every file, its truncations, and
 * seeded damages of it. The first thing printed on a crash is the case that was running. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FILES_MAX = 4096,
    FILE_MAX = 1 << 20,       /* larger corpus files are a mistake */
    TRUNCATE_ALL_MAX = 2048,  /* files up to here are cut at every byte */
    TRUNCATIONS_LARGE = 256,  /* longer ones at this many places */
    DAMAGES = 300,            /* per file */
    DAMAGED_SIZE_MAX = 65536, /* larger files are replayed whole and cut, not damaged */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is running, for the signal handler. */
static char now_running[512];

static void say_case(int sig)
{
    static const char before[] = "replay: crashed on ";
    if (write(STDERR_FILENO, before, sizeof before - 1) >= 0 &&
        write(STDERR_FILENO, now_running, strlen(now_running)) >= 0)
        (void)!write(STDERR_FILENO, "\n", 1);
    signal(sig, SIG_DFL);
    raise(sig);
}

/* splitmix64: the replay draws nothing from the rooms that it tests. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Runs the target on a copy in a block of exactly `n` bytes. */
static void feed(const uint8_t *p, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy) {
        fputs("replay: no memory\n", stderr);
        exit(1);
    }
    if (n)
        memcpy(copy, p, n);
    LLVMFuzzerTestOneInput(n ? copy : copy + 1, n);
    free(copy);
}

static void truncations(const char *name, const uint8_t *p, size_t n)
{
    size_t step = n <= TRUNCATE_ALL_MAX ? 1 : n / TRUNCATIONS_LARGE;
    for (size_t cut = 0; cut < n; cut += step) {
        snprintf(now_running, sizeof now_running, "%s cut to %zu bytes", name, cut);
        feed(p, cut);
    }
}

/* One to four small changes at seeded places; `room` bytes are there. Returns the new size. */
static size_t damage(uint8_t *p, size_t n, size_t room, uint64_t *state)
{
    static const uint8_t telling[] = {0x00, 0xff, 0x7f, 0x80, '"', '\\',
                                      ',',  '\n', '{',  '[',  '-', '9'};
    uint64_t changes = 1 + draw(state) % 4;
    for (uint64_t c = 0; c < changes && n > 0; c++) {
        size_t at = (size_t)(draw(state) % n);
        switch (draw(state) % 5) {
        case 0:
            p[at] ^= (uint8_t)(1u << (draw(state) % 8));
            break;
        case 1:
            p[at] = telling[draw(state) % sizeof telling];
            break;
        case 2:
            memmove(p + at, p + at + 1, n - at - 1);
            n--;
            break;
        case 3:
            if (n < room) {
                memmove(p + at + 1, p + at, n - at);
                p[at] = telling[draw(state) % sizeof telling];
                n++;
            }
            break;
        default: { /* a stretch once more */
            size_t len = (size_t)(draw(state) % (n - at)) + 1;
            if (len > room - n)
                len = room - n;
            memmove(p + at + len, p + at, n - at);
            n += len;
        }
        }
    }
    return n;
}

static void damages(const char *name, const uint8_t *p, size_t n, size_t rounds, uint64_t seed)
{
    if (n == 0 || n > DAMAGED_SIZE_MAX)
        return;
    size_t room = 2 * n + 16;
    uint8_t *work = malloc(room);
    if (!work)
        exit(1);
    for (size_t i = 0; i < rounds; i++) {
        uint64_t state = seed * 1000003u + i;
        memcpy(work, p, n);
        snprintf(now_running, sizeof now_running, "%s damaged, seed %llu, round %zu", name,
                 (unsigned long long)seed, i);
        feed(work, damage(work, n, room, &state));
    }
    free(work);
}

/* The whole file; exits when it cannot be read. */
static uint8_t *read_whole(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p = malloc(FILE_MAX + 1);
    if (!f || !p) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    *ret_n = fread(p, 1, FILE_MAX + 1, f);
    if (ferror(f) || *ret_n > FILE_MAX) {
        fprintf(stderr, "replay: %s: cannot be read, or is over %d bytes\n", path, FILE_MAX);
        exit(1);
    }
    fclose(f);
    return p;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
        return 2;
    }
    const char *seed_text = getenv("MARQUEE_SEED");
    const char *soak = getenv("MARQUEE_SOAK");
    uint64_t seed = seed_text ? strtoull(seed_text, NULL, 10) : 1;
    size_t rounds = soak && strcmp(soak, "1") == 0 ? 10 * DAMAGES : DAMAGES;

    struct dirent **list = NULL;
    int count = scandir(argv[1], &list, visible, alphasort);
    if (count <= 0 || count > FILES_MAX) {
        fprintf(stderr, "replay: %s: no corpus there (1 to %d files): add a small invented one\n",
                argv[1], FILES_MAX);
        return 1;
    }
    const int fatal[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        signal(fatal[i], say_case);

    snprintf(now_running, sizeof now_running, "the empty input");
    feed(NULL, 0);
    for (int i = 0; i < count; i++) {
        char path[4096];
        const char *name = list[i]->d_name;
        if (snprintf(path, sizeof path, "%s/%s", argv[1], name) >= (int)sizeof path)
            return 1;
        size_t n;
        uint8_t *p = read_whole(path, &n);
        snprintf(now_running, sizeof now_running, "%s", name);
        feed(p, n);
        truncations(name, p, n);
        damages(name, p, n, rounds, seed);
        free(p);
        free(list[i]);
    }
    free(list);
    printf("replayed %d files, seed %llu\n", count, (unsigned long long)seed);
    return 0;
}
