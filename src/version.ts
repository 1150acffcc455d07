// The version of this gateway, as Hello, --version and the packages say it.

/** Semantic version. */
export const VERSION = "0.1.0";
