/** Shopify's `i18n` as it is on a device, over the real texts; the tester's own only repeats the key. */

type Texts = {readonly [name: string]: string | Texts};

export interface SpokenI18n {
  translate: (key: string, values?: Record<string, unknown>) => string;
  formatNumber: (number: number | bigint, options?: Intl.NumberFormatOptions) => string;
  formatCurrency: (number: number | bigint, options?: Intl.NumberFormatOptions) => string;
  formatDate: (date: Date, options?: Intl.DateTimeFormatOptions) => string;
}

/** A text that is missing, or a placeholder without a value, throws: no buyer should read either. */
export function spoken(texts: Texts, language = 'en'): SpokenI18n {
  return {
    translate: (key, values = {}) => {
      let found: string | Texts | undefined = key.split('.').reduce<string | Texts | undefined>(within, texts);
      if (typeof found === 'object' && typeof values['count'] === 'number') {
        found = found[new Intl.PluralRules(language).select(values['count'])] ?? found['other'];
      }
      if (typeof found !== 'string') throw new Error(`no text ${key}`);
      return found.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => {
        if (!(name in values)) throw new Error(`${key} needs ${name}`);
        return String(values[name]);
      });
    },
    formatNumber: (number, options) => new Intl.NumberFormat(language, options).format(number),
    formatCurrency: (number, options) => {
      return new Intl.NumberFormat(language, {style: 'currency', ...options}).format(number);
    },
    formatDate: (date, options) => new Intl.DateTimeFormat(language, {timeZone: 'UTC', ...options}).format(date),
  };
}

function within(texts: string | Texts | undefined, name: string): string | Texts | undefined {
  return typeof texts === 'object' ? texts[name] : undefined;
}
