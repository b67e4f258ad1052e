import {defineConfig} from 'vitest/config';

export default defineConfig({
  // The vectors that both sides are tested by, and what the proxy says of itself, lie beside this folder.
  server: {fs: {allow: ['..']}},
  test: {
    environment: 'jsdom',
    setupFiles: ['test-support/src/rest.ts'],
    include: ['*/tests/**/*.test.{ts,tsx}'],
    // It imports our sources, so it has to be transformed as they are.
    server: {deps: {inline: [/@shopify\/ui-extensions-tester/]}},
  },
});
