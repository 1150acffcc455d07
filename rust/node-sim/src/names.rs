//! Who the addresses of an invented chain are, so that a page or a person can name them.
//! Printed by `node-sim names`; cast.rs has the addresses.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{cast::Cast, word::Address};

/// What is known of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Name {
    /// A token.
    Token {
        /// Full name.
        name: String,
        /// Ticker.
        symbol: String,
        /// Digits behind the decimal point.
        decimals: u8,
    },
    /// A pool of two tokens.
    Pool {
        /// Both tickers.
        name: String,
    },
    /// Another contract.
    Contract {
        /// What it is.
        name: String,
    },
    /// Somebody's account.
    Account {
        /// First name, and a number from the second round on.
        name: String,
    },
    /// Who proposes blocks.
    Validator {
        /// Its name.
        name: String,
    },
}

/// Names and tickers of the tokens, in the order of the cast.
const TOKENS: [(&str, &str); 20] = [
    ("Wrapped Coin", "WCOIN"),
    ("Even Dollar", "EVD"),
    ("Lake Dollar", "LUSD"),
    ("Staked Coin", "STCOIN"),
    ("Orchard", "ORCH"),
    ("Harbor", "HRBR"),
    ("Lantern", "LNTN"),
    ("Quarry", "QRRY"),
    ("Meadow", "MEDO"),
    ("Copper", "CPR"),
    ("Sparrow", "SPRW"),
    ("Granite", "GRNT"),
    ("Juniper", "JNPR"),
    ("Ferry", "FRRY"),
    ("Thistle", "THST"),
    ("Beacon", "BCN"),
    ("Cinder", "CNDR"),
    ("Willow", "WLLW"),
    ("Anchor", "ANCR"),
    ("Pebble", "PBL"),
];
const ACCOUNTS: [&str; 25] = [
    "Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gita", "Hugo", "Iris", "Jan", "Kim", "Leo", "Mia",
    "Nils", "Ola", "Pia", "Quin", "Rosa", "Sam", "Tess", "Udo", "Vera", "Wim", "Xena", "Yara",
];

/// Every address of the chain of `seed`, in lower-case hexadecimal, with its name.
pub fn names(seed: u64) -> BTreeMap<String, Name> {
    let cast = Cast::new(seed);
    let symbol = |address: Address| {
        let index = cast
            .tokens
            .iter()
            .position(|token| token.address == address);
        index.map_or("?", |index| TOKENS[index].1)
    };
    let mut names = BTreeMap::new();
    let mut put = |address: &Address, name| names.insert(hex(address), name);
    for (token, (name, symbol)) in cast.tokens.iter().zip(TOKENS) {
        put(
            &token.address,
            Name::Token {
                name: name.into(),
                symbol: symbol.into(),
                decimals: 6,
            },
        );
    }
    for pool in &cast.pools {
        let [one, other] = pool.tokens.map(|token| symbol(token.address));
        let name = format!("{one}/{other} pool");
        put(&pool.address, Name::Pool { name });
    }
    for (index, account) in cast.accounts.iter().enumerate() {
        let (round, index) = (index / ACCOUNTS.len(), index % ACCOUNTS.len());
        let name = match round {
            0 => ACCOUNTS[index].into(),
            _ => format!("{} {}", ACCOUNTS[index], round + 1),
        };
        put(account, Name::Account { name });
    }
    for (index, validator) in cast.validators.iter().enumerate() {
        let name = format!("validator {}", index + 1);
        put(&validator.beneficiary, Name::Validator { name });
    }
    for (index, wallet) in cast.wallets.iter().enumerate() {
        let name = format!("wallet {}", index + 1);
        put(wallet, Name::Contract { name });
    }
    for (address, name) in [
        (&cast.router, "router"),
        (&cast.logic, "wallet code"),
        (&cast.broker, "broker"),
        (&cast.oracle, "price oracle"),
        (&cast.factory, "factory"),
    ] {
        put(address, Name::Contract { name: name.into() });
    }
    names
}

fn hex(address: &Address) -> String {
    let digits = address.bytes.iter().map(|byte| format!("{byte:02x}"));
    ["0x".to_owned()].into_iter().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_stable_and_nobody_shares_one() {
        let first = names(1);
        assert_eq!(first, names(1));
        assert!(first.keys().all(|address| !names(2).contains_key(address)));
        let texts: HashSet<String> = first.values().map(|name| format!("{name:?}")).collect();
        assert_eq!(texts.len(), first.len());
        let cast = Cast::new(1);
        assert_eq!(cast.tokens.len(), TOKENS.len());
        assert!(first.len() > cast.accounts.len() + cast.tokens.len());
    }
}
