#include "eval/contest.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "eval/rating_file.h"

enum { FILE_BYTES_MAX = 4 << 20 };

/* The rows asked, numbered by viewer and title. */
struct asked_rows {
    struct id_book book;
    struct triples rows;
    struct intern *pairs; /* row number of a pair: its first row */
    uint8_t *quiz;
    uint64_t checksum;
    double mean;
};

static void asked_release(struct asked_rows *a)
{
    id_book_release(&a->book);
    triples_release(&a->rows);
    intern_free(a->pairs);
    free(a->quiz);
    *a = (struct asked_rows){0};
}

static struct str pair_key(uint32_t viewer, uint32_t title, uint32_t key[2])
{
    key[0] = viewer;
    key[1] = title;
    return (struct str){(const char *)key, 2 * sizeof(*key)};
}

static int asked_read(const char *path, struct asked_rows *a, struct mq_error *err)
{
    bool timed = true;
    int rc = id_book_init(&a->book, err);
    if (rc == 0)
        rc = intern_new(&a->pairs, err);
    if (rc == 0)
        rc = rating_file_read_rated(path, &a->book, &a->rows, &timed, err);
    if (rc == 0 && a->rows.n < 2)
        rc = mq_fail(err, MQ_INVALID, "%s: %zu rows: a contest asks for two or more", path,
                     a->rows.n);
    a->quiz = rc == 0 ? calloc(a->rows.n, 1) : NULL;
    if (rc == 0 && !a->quiz)
        rc = mq_fail(err, MQ_NO_MEMORY, "contest: no memory");
    for (size_t i = 0; rc == 0 && i < a->rows.n; i++) {
        uint32_t key[2];
        uint32_t number;
        bool fresh;
        rc = intern_add(a->pairs, pair_key(a->rows.viewer[i], a->rows.title[i], key), &number,
                        &fresh, err);
        if (rc == 0 && !fresh)
            rc = mq_fail(err, MQ_INVALID, "%s: row %zu: asks for a viewer and title twice", path,
                         i + 1);
        struct str viewer = intern_name(a->book.viewers, a->rows.viewer[i]);
        struct str title = intern_name(a->book.titles, a->rows.title[i]);
        uint64_t h = hash_mix(hash_str(viewer, 1), hash_str(title, 2));
        a->checksum += hash_mix(h, (uint64_t)((double)a->rows.weight[i] * 1000));
        a->mean += (double)a->rows.weight[i] / (double)a->rows.n;
    }
    return rc;
}

static void halve(struct asked_rows *a, uint64_t seed, struct contest_board *b)
{
    for (size_t i = 0; i < a->rows.n; i++) {
        struct str viewer = intern_name(a->book.viewers, a->rows.viewer[i]);
        struct str title = intern_name(a->book.titles, a->rows.title[i]);
        uint64_t h = hash_mix(hash_str(viewer, seed), hash_str(title, seed + 1));
        a->quiz[i] = (uint8_t)(h >> 63);
        b->quiz_rows += a->quiz[i];
    }
    b->test_rows = a->rows.n - b->quiz_rows;
}

static double quiz_rmse_of_mean(const struct asked_rows *a)
{
    double square = 0;
    double n = 0;
    for (size_t i = 0; i < a->rows.n; i++) {
        if (!a->quiz[i])
            continue;
        square += pow((double)a->rows.weight[i] - a->mean, 2);
        n++;
    }
    return n > 0 ? sqrt(square / n) : NAN;
}

/* ------------------------------------------------------------------ the folder */

static int path_in(const char *folder, const char *name, char to[4096], struct mq_error *err)
{
    int n = snprintf(to, 4096, "%s/%s", folder, name);
    return n > 0 && n < 4096 ? 0 : mq_fail(err, MQ_INVALID, "%s: is too long", folder);
}

static int open_contest(const struct contest_options *o, const struct asked_rows *a,
                        uint64_t *ret_seed, struct mq_error *err)
{
    char path[4096];
    char text[256];
    struct buf b;
    int rc = path_in(o->folder, "CONTEST", path, err);
    if (rc)
        return rc;
    if (!file_exists(path)) {
        *ret_seed = o->seed;
        snprintf(text, sizeof(text), "marquee-contest 1\nseed %" PRIu64 "\nrows %" PRIu64 "\n",
                 o->seed, a->checksum);
        rc = file_make_dirs(o->folder, err);
        return rc ? rc : file_write(path, str_of(text), 0600, err);
    }
    buf_init(&b, FILE_BYTES_MAX);
    rc = file_read(path, &b, err);
    uint64_t sum = 0;
    if (rc == 0) {
        buf_add_char(&b, '\0');
        if (b.failed ||
            sscanf(b.p, "marquee-contest 1 seed %" SCNu64 " rows %" SCNu64, ret_seed, &sum) != 2)
            rc = mq_fail(err, MQ_CORRUPT, "%s: is no contest: give another folder", path);
        else if (sum != a->checksum)
            rc = mq_fail(err, MQ_INVALID,
                         "%s: these are not the ratings of the contest in %s: give its own",
                         o->ratings, o->folder);
    }
    buf_release(&b);
    return rc;
}

static int parse_entry(struct str line, struct contest_entry *e)
{
    struct str name = str_cut(&line, '\t');
    struct str at = str_cut(&line, '\t');
    struct str quiz = str_cut(&line, '\t');
    if (name.n == 0 || name.n >= sizeof(e->name) || !str_to_i64(at, &e->at_ms) ||
        !str_to_double(quiz, &e->quiz) || !str_to_double(line, &e->test))
        return MQ_CORRUPT;
    memcpy(e->name, name.p, name.n);
    e->name[name.n] = '\0';
    return 0;
}

static int read_board(const char *path, struct contest_board *b, struct mq_error *err)
{
    struct buf text;
    int rc = 0;
    b->entry = calloc(CONTEST_ENTRIES_MAX + 1, sizeof(*b->entry));
    if (!b->entry)
        return mq_fail(err, MQ_NO_MEMORY, "contest: no memory");
    buf_init(&text, FILE_BYTES_MAX);
    if (file_exists(path))
        rc = file_read(path, &text, err);
    struct str rest = buf_str(&text);
    while (rc == 0 && rest.p && rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        if (b->n == CONTEST_ENTRIES_MAX || parse_entry(line, &b->entry[b->n]) != 0)
            rc = mq_fail(err, MQ_CORRUPT, "%s: line %zu: is no entry of a board", path, b->n + 1);
        else
            b->n++;
    }
    buf_release(&text);
    return rc;
}

static int write_board(const char *path, const struct contest_board *b, struct mq_error *err)
{
    struct buf text;
    buf_init(&text, FILE_BYTES_MAX);
    for (size_t i = 0; i < b->n; i++)
        buf_printf(&text, "%s\t%" PRId64 "\t%.6f\t%.6f\n", b->entry[i].name, b->entry[i].at_ms,
                   b->entry[i].quiz, b->entry[i].test);
    int rc = text.failed ? mq_fail(err, MQ_FULL, "%s: holds no more entries", path)
                         : file_write(path, buf_str(&text), 0600, err);
    buf_release(&text);
    return rc;
}

/* ------------------------------------------------------------------ a submission */

static int score(const char *path, const struct asked_rows *a, struct contest_entry *e,
                 struct mq_error *err)
{
    struct id_book book = a->book; /* new ids would be refused below: none are added for good */
    struct triples given = {0};
    double square[2] = {0};
    double rows[2] = {0};
    bool timed = true;
    uint8_t *seen = calloc(a->rows.n, 1);
    uint32_t viewers = intern_count(book.viewers);
    uint32_t titles = intern_count(book.titles);
    int rc = seen ? rating_file_read_rated(path, &book, &given, &timed, err)
                  : mq_fail(err, MQ_NO_MEMORY, "contest: no memory");
    for (size_t i = 0; rc == 0 && i < given.n; i++) {
        uint32_t key[2];
        uint32_t row = given.viewer[i] < viewers && given.title[i] < titles
                           ? intern_find(a->pairs, pair_key(given.viewer[i], given.title[i], key))
                           : INTERN_NONE;
        if (row == INTERN_NONE || seen[row])
            rc = mq_fail(err, MQ_INVALID, "%s: row %zu: %s: predict each row asked once", path,
                         i + 1, row == INTERN_NONE ? "was not asked" : "is predicted twice");
        if (rc)
            break;
        double d = (double)given.weight[i] - (double)a->rows.weight[row];
        square[a->quiz[row]] += d * d;
        rows[a->quiz[row]]++;
        seen[row] = 1;
    }
    if (rc == 0 && given.n < a->rows.n)
        rc = mq_fail(err, MQ_INVALID, "%s: %zu of %zu rows are predicted: predict all", path,
                     given.n, a->rows.n);
    e->quiz = rows[1] > 0 ? sqrt(square[1] / rows[1]) : 0;
    e->test = rows[0] > 0 ? sqrt(square[0] / rows[0]) : 0;
    triples_release(&given);
    free(seen);
    return rc;
}

static int submit(const struct contest_options *o, const struct asked_rows *a, const char *path,
                  struct contest_board *b, struct mq_error *err)
{
    struct contest_entry e = {.at_ms = o->now_ms};
    struct str name = str_trim(str_of(o->name ? o->name : "anonymous"));
    if (name.n == 0 || name.n >= sizeof(e.name) || str_has_control(name) || !str_is_utf8(name))
        return mq_fail(err, MQ_INVALID, "--name: %.*s: give 1 to %d bytes of text", STR_ARG(name),
                       CONTEST_NAME_MAX - 1);
    if (b->n == CONTEST_ENTRIES_MAX)
        return mq_fail(err, MQ_FULL, "%s: %d entries: begin another contest", o->folder,
                       CONTEST_ENTRIES_MAX);
    memcpy(e.name, name.p, name.n);
    int rc = score(o->predictions, a, &e, err);
    if (rc)
        return rc;
    b->entry[b->n++] = e;
    return write_board(path, b, err);
}

static int by_quiz(const void *a, const void *b)
{
    const struct contest_entry *x = a;
    const struct contest_entry *y = b;
    if (x->quiz != y->quiz)
        return x->quiz < y->quiz ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static int by_test(const void *a, const void *b)
{
    const struct contest_entry *x = a;
    const struct contest_entry *y = b;
    if (x->test != y->test)
        return x->test < y->test ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

static void sort_board(struct contest_board *b, bool submitted)
{
    struct contest_entry last = {0};
    if (submitted)
        last = b->entry[b->n - 1];
    qsort(b->entry, b->n, sizeof(*b->entry), b->closed ? by_test : by_quiz);
    b->latest = b->n;
    for (size_t i = 0; submitted && i < b->n; i++) {
        const struct contest_entry *e = &b->entry[i];
        if (e->at_ms == last.at_ms && e->quiz == last.quiz && e->test == last.test &&
            strcmp(e->name, last.name) == 0)
            b->latest = i;
    }
}

int evaluate_contest(const struct contest_options *o, struct contest_board *ret,
                     struct mq_error *err)
{
    struct asked_rows a = {0};
    struct contest_board b = {.closed = o->close};
    char path[4096];
    uint64_t seed = 0;
    if (!o->folder || !o->ratings)
        return mq_fail(err, MQ_INVALID, "contest: needs --folder and --test");
    int rc = asked_read(o->ratings, &a, err);
    if (rc == 0)
        rc = open_contest(o, &a, &seed, err);
    if (rc == 0)
        rc = path_in(o->folder, "BOARD", path, err);
    if (rc == 0) {
        halve(&a, seed, &b);
        b.baseline = o->baseline > 0 ? o->baseline : quiz_rmse_of_mean(&a);
        rc = read_board(path, &b, err);
    }
    if (rc == 0 && o->predictions)
        rc = submit(o, &a, path, &b, err);
    if (rc == 0)
        sort_board(&b, o->predictions != NULL);
    asked_release(&a);
    if (rc)
        contest_board_release(&b);
    else
        *ret = b;
    return rc;
}

void contest_board_release(struct contest_board *b)
{
    free(b->entry);
    *b = (struct contest_board){0};
}

void contest_board_write(struct json *j, const struct contest_board *b)
{
    json_object(j);
    json_kv_z(j, "protocol", "contest");
    json_kv_bool(j, "closed", b->closed);
    json_kv_u64(j, "quiz_rows", b->quiz_rows);
    json_kv_u64(j, "test_rows", b->test_rows);
    json_kv_double(j, "baseline_rmse", b->baseline, 6);
    json_key(j, STR("board"));
    json_array(j);
    for (size_t i = 0; i < b->n; i++) {
        const struct contest_entry *e = &b->entry[i];
        json_object(j);
        json_kv_u64(j, "place", i + 1);
        json_kv_z(j, "name", e->name);
        json_kv_i64(j, "at_ms", e->at_ms);
        json_kv_double(j, "quiz_rmse", e->quiz, 6);
        json_kv_double(j, "percent_better_than_baseline",
                       100 * (b->baseline - e->quiz) / b->baseline, 4);
        if (b->closed)
            json_kv_double(j, "test_rmse", e->test, 6);
        json_kv_bool(j, "submitted_now", i == b->latest);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}
