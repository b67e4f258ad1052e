import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['*/tests/**/*.test.{ts,tsx}'],
    // It imports our sources, so it has to be transformed as they are.
    server: {deps: {inline: [/@shopify\/ui-extensions-tester/]}},
  },
});
