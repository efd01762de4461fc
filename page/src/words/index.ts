import { en, type Words } from './en';
import { fr } from './fr';

export type Lang = 'en' | 'fr';
/** The words of the page, and its language: chosen once, before anything is drawn. */
export let w: Words = en;
export let lang: Lang = 'en';

export function choose(language: string | undefined): void {
  lang = language === 'fr' ? 'fr' : 'en';
  w = lang === 'fr' ? fr : en;
}

/** The word for what the server calls `key`, or what it says itself. A plain object has names by itself (`constructor`), hence hasOwn. */
export function word(words: Record<string, string>, key: string | undefined): string {
  if (key === undefined) return '';
  return Object.prototype.hasOwnProperty.call(words, key) ? words[key]! : key;
}
