/** Both kinds of storage that Shopify gives, kept for as long as the browser's tab. */
const PREFIX = 'preview';

export function checkoutStorage(scope: string) {
  const name = (key: string) => `${PREFIX}:${scope}:${key}`;
  return {
    read: async <T>(key: string) => parsed(name(key)) as T | null,
    write: async (key: string, data: unknown) => sessionStorage.setItem(name(key), JSON.stringify(data)),
    delete: async (key: string) => sessionStorage.removeItem(name(key)),
  };
}

export function tillStorage(scope: string) {
  const {read, write} = checkoutStorage(scope);
  const start = `${PREFIX}:${scope}:`;
  const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(start));
  return {
    get: async (key: string) => (await read<unknown>(key)) ?? undefined,
    set: write,
    delete: async (key: string) => {
      const had = sessionStorage.getItem(start + key) !== null;
      sessionStorage.removeItem(start + key);
      return had;
    },
    clear: async () => keys().forEach((key) => sessionStorage.removeItem(key)),
    entries: async () => keys().map((key) => [key.slice(start.length), parsed(key)]),
  };
}

function parsed(key: string): unknown {
  const found = sessionStorage.getItem(key);
  return found === null ? null : JSON.parse(found);
}
