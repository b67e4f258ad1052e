/** What a till may refuse without harm: whatever is thrown counts as what is given `instead`. */
export async function quietly<T, I>(work: () => T | Promise<T>, instead: I): Promise<T | I> {
  try {
    return await work();
  } catch {
    return instead;
  }
}
