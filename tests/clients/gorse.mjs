// gorsejs: feedback for each moment, its Value the place in seconds; items, users and what the engine recommends.
import assert from 'node:assert/strict';
import gorse from 'gorsejs';
import * as film from './film.mjs';

const client = new gorse.Gorse({ endpoint: film.url, secret: 'any' });
const feedback = film.evening().map((m) => ({
  FeedbackType: m.kind === 'landed' ? 'progress' : m.kind,
  UserId: 'gorse-viewer',
  ItemId: film.title,
  Value: m.target ?? m.position,
  Timestamp: m.at.toISOString(),
  Comment: '',
}));
assert.equal(await client.insertFeedbacks(feedback), 10);
assert.equal(await client.upsertFeedbacks(feedback), 0);
const log = await film.exported('gorse-viewer', 10);
assert.deepEqual(log.map((e) => e.kind),
  ['start', 'progress', 'pause', 'play', 'seek', 'progress', 'progress', 'seek', 'progress', 'stop']);
film.checkViewings('gorse-viewer', '');

// Twelve items, and users who like one half of them each.
const items = Array.from({ length: 12 }, (_, i) => ({
  ItemId: `gorse-${i}`, IsHidden: false, Categories: [i % 2 ? 'Comedy' : 'Drama'], Labels: ['invented'],
  Timestamp: new Date('2026-01-01').toISOString(), Comment: `Item ${i}`,
}));
assert.equal(await client.upsertItems(items), 12);
assert.equal((await client.getItem('gorse-3')).Comment, 'Item 3');
const likes = [];
for (let u = 0; u < 30; u += 1) {
  for (let i = u % 2; i < 12; i += 2) {
    if (i % 12 !== u % 12) likes.push({ FeedbackType: 'like', UserId: `gorse-user-${u}`, ItemId: `gorse-${i}`, Timestamp: new Date(Date.now() - 3600e3).toISOString() });
  }
}
await client.insertFeedbacks(likes);
assert.equal((await client.getUserFeedbackByType('gorse-user-0', 'like')).length, likes.filter((f) => f.UserId === 'gorse-user-0').length);
assert.equal((await client.getUserFeedback('gorse-user-0'))[0].FeedbackType, 'like');
assert.equal((await client.getItems({ n: 5 })).Items.length, 5);
assert.equal(await client.insertUser({ UserId: 'gorse-new', Labels: [] }), 1);
assert.equal((await client.getUser('gorse-new')).UserId, 'gorse-new');
await film.train();
const recommended = await client.getRecommend({ userId: 'gorse-user-2', cursorOptions: { n: 3 } });
assert.equal(recommended.length, 3);
assert.ok(recommended.every((id) => typeof id === 'string'));
const neighbors = await client.getItemNeighbors({ itemId: 'gorse-2', cursorOptions: { n: 2 } });
assert.ok(neighbors.length > 0 && neighbors[0].Id);
const session = await client.getSessionRecommend([{ FeedbackType: 'read', UserId: 'anybody', ItemId: 'gorse-2' }]);
assert.ok(session.length > 0);
assert.ok((await client.getPopular({})).length > 0);
assert.ok(Array.isArray(await client.getLatest({ category: 'Drama' })));
const users = await client.getUsers({ n: 5 });
assert.equal(users.Users.length, 5);
assert.equal(await client.deleteUser('gorse-new'), 1);
