export interface Setting {
  type: string;
  id: string;
  label: string;
  info?: string;
  default?: string;
  options?: {value: string; label: string}[];
}

export interface Schema {
  name: string;
  target: string;
  javascript: string;
  stylesheet: string;
  settings: Setting[];
}

export interface Storefront {
  language?: string;
  country?: string;
  customer?: boolean;
  design?: boolean;
  settings?: Record<string, string>;
  assets?: string;
  id?: string;
  currency?: string;
}

export function schemaOf(block: string): Schema;
export function renderBlock(block: string, storefront?: Storefront): string;
export function themeFiles(): Map<string, string>;
