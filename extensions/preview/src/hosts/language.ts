/** `i18n` and `localization` over an extension's own locale files. */
import {spoken} from '../../../test-support/src/texts';
import {derived, fixed, follow} from '../mirror';
import type {Watched} from '../watched';

export type Words = Readonly<Record<string, Parameters<typeof spoken>[0]>>;

export function language(watched: Watched<string>, words: Words): object {
  const chosen = follow(watched);
  // The sandbox's shop is in Australia, and writes dollars and dates as they are there.
  const texts = derived(() =>
    spoken({...words['en'], ...words[chosen.value]}, chosen.value === 'en' ? 'en-AU' : chosen.value),
  );
  const code = derived(() => ({isoCode: chosen.value}));
  return {
    // Read anew at each call, so that a change of language is followed.
    i18n: {
      translate: (key: string, values?: Record<string, unknown>) => texts.value.translate(key, values),
      formatNumber: (value: number, options?: Intl.NumberFormatOptions) => texts.value.formatNumber(value, options),
      formatCurrency: (value: number, options?: Intl.NumberFormatOptions) => texts.value.formatCurrency(value, options),
      formatDate: (value: Date, options?: Intl.DateTimeFormatOptions) => texts.value.formatDate(value, options),
    },
    locale: {current: chosen},
    localization: {
      language: code,
      extensionLanguage: code,
      currency: fixed({isoCode: 'AUD'}),
      country: fixed({isoCode: 'AU'}),
      timezone: fixed('Australia/Melbourne'),
      market: fixed(undefined),
    },
  };
}
