/** Which extension has which target, as the build found it. */
const answer = await fetch('/preview/targets.json');

export const targets = (await answer.json()) as readonly {readonly extension: string; readonly target: string}[];
