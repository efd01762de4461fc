// Of graphlib what dagre's layout needs, and not its searches for ways: vite.config.mjs has dagre take this for it.
import Graph from '@dagrejs/graphlib/lib/graph.js';
import postorder from '@dagrejs/graphlib/lib/alg/postorder.js';
import preorder from '@dagrejs/graphlib/lib/alg/preorder.js';

export { Graph };
export const alg = { preorder, postorder };
