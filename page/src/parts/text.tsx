// Names, texts and states: what comes from elsewhere is always a text node, in a direction of its own.
import type { ComponentChildren, JSX } from 'preact';
import { conditionOf, conditionOfStatus, ownCondition, type Condition, type Data } from '../data/data';
import { nodeLink } from '../route';
import { w, word } from '../words';
import { useData } from './context';

/** A foreign name within a sentence. */
export const Name = ({ children, code }: { children: ComponentChildren; code?: boolean }) =>
  code ? <code dir="auto" class="name">{children}</code> : <bdi class="name">{children}</bdi>;

/** A foreign text, which may have lines. */
export const Prose = ({ text, class: name = '' }: { text?: string | undefined; class?: string }) =>
  text ? <p class={`prose ${name}`} dir="auto">{text}</p> : null;

const marks: Record<Condition, JSX.Element> = {
  ok: <path d="M3 8.5l3.2 3.2L13 5" />,
  bad: <path d="M4 4l8 8M12 4l-8 8" />,
  warn: <path d="M8 3v6.5M8 12.6v.4" />,
  none: <path d="M4 8h8" />,
};
/** A sign a condition, each of its own shape; beside it is always a word. */
export const Mark = ({ of }: { of: Condition }) =>
  <svg class={`mark ${of}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">{marks[of]}</svg>;

export function Status({ of, condition, children }: { of?: string | undefined; condition?: Condition; children?: ComponentChildren }) {
  const kind = condition ?? conditionOfStatus(of);
  return <span class={`status ${kind}`}><Mark of={kind} /><span>{children ?? (of === undefined ? w.neverRun : word(w.status, of))}</span></span>;
}

/** How a node is, in one word; its own state is that without its tests. */
export function NodeState({ index, own }: { index: number; own?: boolean }) {
  const data = useData();
  const node = data.nodes[index]!;
  const condition = own ? ownCondition(node) : conditionOf(data, index);
  return <Status condition={condition}>{stateWord(data, index, condition)}{node.exists === false && <> · {w.missing}</>}</Status>;
}
function stateWord(data: Data, index: number, condition: Condition): string {
  const node = data.nodes[index]!;
  if (conditionOfStatus(node.status) === condition && node.status) return word(w.status, node.status);
  if (node.freshness && conditionOfStatus(node.freshness.status) === condition) return word(w.status, node.freshness.status);
  const statuses = data.testsOf[index]!.map((test) => data.tests[test]!.status);
  const bad = statuses.filter((status) => conditionOfStatus(status) === 'bad').length;
  const warn = statuses.filter((status) => conditionOfStatus(status) === 'warn').length;
  if (condition === 'bad' && bad) return w.testsBad(bad);
  if (condition === 'warn' && warn) return w.testsWarn(warn);
  return w.condition[condition];
}

export function NodeLink({ index, kind = true }: { index: number; kind?: boolean }) {
  const node = useData().nodes[index];
  if (!node) return null;
  return <span class="node-link">{kind && <Kind of={node.kind} />}<a href={nodeLink(node)}><bdi>{node.name}</bdi></a></span>;
}

const shapes: Record<string, JSX.Element> = {
  stream: <path d="M2 4h9l3 4-3 4H2z" />,
  seed: <ellipse cx="8" cy="8" rx="6.5" ry="5" />,
  model: <rect x="2" y="3.5" width="12" height="9" />,
  snapshot: <path d="M2 5.5h9v8H2zM5 5.5v-3h9v8h-3" />,
  source: <path d="M4.5 3h7l3 5-3 5h-7l-3-5z" />,
};
/** The shape of a kind, and its word. */
export const Kind = ({ of, plain }: { of: string; plain?: boolean }) =>
  <span class="kind">
    <svg class="shape" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">{Object.prototype.hasOwnProperty.call(shapes, of) ? shapes[of] : shapes.model}</svg>
    {!plain && <span>{word(w.kind, of)}</span>}
  </span>;
