// Numbers with the grouping of the viewer's language.

const whole = new Intl.NumberFormat();
const seconds = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

// percent(0.5) is "50%". Only 1 is "100%": what is a little less is rounded down.
export const percent = (number) => share.format(number < 1 ? Math.floor(number * 1000) / 1000 : number);

export const count = (number) => whole.format(number);

// counted(1, "row") is "1 row", counted(2, "row") "2 rows".
export function counted(number, noun) {
    return `${whole.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

export function duration(milliseconds) {
    return milliseconds < 10_000 ? `${whole.format(milliseconds)} ms` : `${seconds.format(milliseconds / 1000)} s`;
}
