#include "cli/simple.h"

#include "cli/print.h"

int simple_print(const struct args *a, enum api_method method, const char *path, struct str body,
                 int (*print)(struct str answer, bool json))
{
    struct target t;
    struct mq_error err;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    int code = target_call(&t, method, path, body, &err) != 0 ? cli_error(&err)
                                                              : print(buf_str(&t.reply), a->json);
    target_close(&t);
    return code;
}

int simple_run(const struct args *a, enum api_method method, const char *path, struct str body)
{
    return simple_print(a, method, path, body, print_fields);
}
