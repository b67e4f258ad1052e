/** Where the proxy is, as `application_url` in shopify.app.toml says; a test compares them. */
export const PROXY_URL = 'https://rewards.example.com';
