import { run } from './harness.mjs';
import './state.mjs';
import './sections.mjs';
import './lineage.mjs';
import './search.mjs';
import './look.mjs';
import './server.mjs';
await run();
