// Numbers with the grouping of the viewer's language.

const whole = new Intl.NumberFormat();
const seconds = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const count = (number) => whole.format(number);

// counted(1, "row") is "1 row", counted(2, "row") "2 rows".
export function counted(number, noun) {
    return `${whole.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function duration(milliseconds) {
    return milliseconds < 10_000 ? `${whole.format(milliseconds)} ms` : `${seconds.format(milliseconds / 1000)} s`;
}
