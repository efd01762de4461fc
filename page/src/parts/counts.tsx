import type { Counts } from '../data/contract';
import { number } from '../format';
import { w } from '../words';

/** "120 inserted, 3 updated": what was done to rows; zeros are left out. */
export function counts(of: Counts): string {
  return ([[of.records, w.recordsRead], [of.inserted, w.inserted], [of.updated, w.updatedRows], [of.deleted, w.deleted], [of.rejected, w.setAside]] as const)
    .filter(([value]) => value).map(([value, what]) => `${number(value!)}\u00a0${what}`).join(', ');
}
