import { run } from './harness.mjs';
import './state.mjs';
await run();
