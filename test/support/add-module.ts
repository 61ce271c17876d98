/** The module that most tests run: `add(i32, i32) -> i32`, in base64. */
export const addModule = "AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABagsACgRuYW1lAgMBAAA=";
