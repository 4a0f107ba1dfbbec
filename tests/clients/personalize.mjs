// @aws-sdk/client-personalize-events and -runtime: PutEvents, GetRecommendations, GetPersonalizedRanking.
import assert from 'node:assert/strict';
import { PersonalizeEventsClient, PutEventsCommand } from '@aws-sdk/client-personalize-events';
import {
  GetPersonalizedRankingCommand, GetRecommendationsCommand, PersonalizeRuntimeClient,
} from '@aws-sdk/client-personalize-runtime';
import * as film from './film.mjs';

const options = { region: 'eu-west-1', endpoint: film.url, credentials: { accessKeyId: 'AKID', secretAccessKey: 's3cret' } };
const events = new PersonalizeEventsClient(options);
const call = {
  trackingId: 'any', userId: 'aws-viewer', sessionId: film.session,
  eventList: film.evening().map((m) => ({
    eventId: `aws-${m.number}`,
    eventType: m.kind === 'landed' ? 'progress' : m.kind,
    itemId: film.title,
    sentAt: m.at,
    properties: JSON.stringify({
      position_ms: (m.target ?? m.position) * 1000,
      ...(m.target === undefined ? {} : { from_ms: m.position * 1000 }),
    }),
  })),
};
for (const times of [1, 2]) {
  await events.send(new PutEventsCommand(call));
  const log = await film.exported('aws-viewer', 10);
  assert.equal(log.length, 10, `sent ${times} times`);
}
film.checkViewings('aws-viewer');
await assert.rejects(events.send(new PutEventsCommand({ ...call, eventList: [] })));

// Two tastes, so that there is something to recommend.
for (let u = 0; u < 24; u += 1) {
  await events.send(new PutEventsCommand({
    trackingId: 'any', userId: `aws-user-${u}`, sessionId: `s-${u}`,
    eventList: [0, 2, 4, 6, 8].map((i) => ({
      eventType: 'rating', eventValue: 5, itemId: `aws-${(i + 2 * (u % 3)) % 10 + (u % 2)}`, sentAt: new Date('2026-02-01'),
    })),
  }));
}
await film.describe(Array.from({ length: 12 }, (_, i) => ({ id: `aws-${i}`, name: `Film ${i}`, genres: ['Drama'] })));
await film.train();
const runtime = new PersonalizeRuntimeClient(options);
const arn = (name) => `arn:aws:personalize:eu-west-1:1:recommender/${name}`;
for (const [recipe, more] of [['top-picks-for-you', {}], ['most-popular', {}], ['more-like-x', { itemId: 'aws-2' }]]) {
  const answer = await runtime.send(new GetRecommendationsCommand({
    recommenderArn: arn(recipe), userId: 'aws-user-2', numResults: 4, context: { DEVICE: 'tv' }, ...more,
  }));
  assert.ok(answer.itemList.length > 0 && answer.itemList.length <= 4, recipe);
  assert.equal(typeof answer.itemList[0].score, 'number');
  assert.ok(answer.recommendationId);
}
const ranking = await runtime.send(new GetPersonalizedRankingCommand({
  campaignArn: arn('rank'), userId: 'aws-user-2', inputList: ['aws-1', 'aws-2', 'aws-4'],
}));
assert.deepEqual(ranking.personalizedRanking.map((i) => i.itemId).sort(), ['aws-1', 'aws-2', 'aws-4']);
await assert.rejects(runtime.send(new GetRecommendationsCommand({ recommenderArn: arn('more-like-x'), userId: 'u' })));
