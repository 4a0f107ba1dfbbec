// The dashboard as people use it: tasks with a stated answer, then everything that goes wrong.
import {runAll} from './browser.mjs';
import './tasks.mjs';
import './watching.mjs';
import './trouble.mjs';
import './everywhere.mjs';

await runAll();
