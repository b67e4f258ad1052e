const day = new Intl.DateTimeFormat("en-AU", { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-AU", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const onDay = (text) => (text ? day.format(new Date(text)) : "never");
export const atTime = (text) => clock.format(new Date(text));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));
