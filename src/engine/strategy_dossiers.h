/* strategy_dossiers.h - opportunities that are kept with their date, in the store's meta family ("strategy/dossier/N"). */
#ifndef MQ_ENGINE_STRATEGY_DOSSIERS_H
#define MQ_ENGINE_STRATEGY_DOSSIERS_H

#include "engine/engine.h"

/* Keeps each as a dossier of its own; says in *o which. MQ_TOO_LARGE: too many are kept. */
int dossiers_keep(struct mq_engine *e, struct mq_opportunities *o, struct mq_error *err);

#endif
