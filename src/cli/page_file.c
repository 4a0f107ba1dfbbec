#include "cli/page_file.h"

#include <stdio.h>

#include "base/file.h"
#include "report/meeting_page.h"

enum { NAME_BYTES = 256 };

int page_file(const struct args *a, const char *kind, struct str answer)
{
    const char *file = args_get(a, "html");
    const char *about = a->n_positions > 1 ? a->position[1] : NULL;
    const char *slash = about ? strrchr(about, '/') : NULL;
    char name[NAME_BYTES];
    struct mq_error err;
    struct buf page;
    if (!file)
        return EXIT_DONE;
    int n =
        snprintf(name, sizeof(name), "%c%s%s%s", kind[0] - 'a' + 'A', kind + 1, about ? ": " : "",
                 slash   ? slash + 1
                 : about ? about
                         : "");
    buf_init(&page, MEETING_PAGE_MAX);
    struct str title = {name, n < NAME_BYTES ? (size_t)n : NAME_BYTES - 1};
    int rc = meeting_page(kind, title, answer, &page, &err);
    if (rc == 0)
        rc = file_write(file, buf_str(&page), 0644, &err);
    buf_release(&page);
    if (rc)
        return cli_error(&err);
    fprintf(stderr, "marquee: wrote %s\n", file);
    return EXIT_DONE;
}
