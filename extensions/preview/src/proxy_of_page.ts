/** Stands for shared/src/config.ts in the theme's script: the page says where the demo's proxy is. */
export const PROXY_URL: string = document.documentElement.dataset['proxy'] ?? '';
