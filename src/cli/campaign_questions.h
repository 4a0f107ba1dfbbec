/* campaign_questions.h - `campaign ...`, also as `strategy campaign ...`. */
#ifndef MQ_CLI_CAMPAIGN_QUESTIONS_H
#define MQ_CLI_CAMPAIGN_QUESTIONS_H

#include "cli/command.h"

/* Its options, for a command's list. */
#define CAMPAIGN_OPTIONS                                                                           \
    {"title", "ID", "campaign: the title, in place of a file; expressions may follow the verb"},   \
        {"name", "NAME", "campaign launch: its name, for ever"},                                   \
        {"holdout", "SHARE", "campaign: viewers who are shown nothing of it (default 0.2)"},       \
        {"days", "N", "campaign plan: how far ahead (default 28)"},                                \
    {                                                                                              \
        "floor", "K", "smallest group that is shown (default 50, at least 20)"                     \
    }

/* The words from `first` on: plan, launch, read, stop or list, and what follows. */
int campaign_run(const struct args *a, size_t first);

/* What one is, without what came of it; all of them. */
int print_campaign(struct str answer, bool json);
int print_campaigns(struct str answer, bool json);
int print_campaign_plan(struct str answer, bool json);
int print_campaign_reading(struct str answer, bool json);

#endif
