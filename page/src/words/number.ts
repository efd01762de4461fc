// Numbers within sentences.
const formats = new Map<string, Intl.NumberFormat>();

export function count(lang: 'en' | 'fr', value: number): string {
  let format = formats.get(lang);
  if (!format) formats.set(lang, (format = new Intl.NumberFormat(lang === 'fr' ? 'fr-FR' : 'en-GB')));
  return format.format(value);
}

/** The number and its noun; in French what is below two is singular. */
export function plural(lang: 'en' | 'fr', value: number, one: string, other: string): string {
  const single = lang === 'fr' ? value < 2 : value === 1;
  return `${count(lang, value)}\u00a0${single ? one : other}`;
}
