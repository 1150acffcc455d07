//! The script of a swap through the router over one or two pools, as the constant product market makers do it.
//! Few pools serve many accounts, so that their slots are contended.

use fastrand::Rng;

use super::{
    execution::Execution,
    frame::{Opcode, Status},
    transfer::{balance, balance_of, transfer, transfer_from},
};
use crate::{
    abi,
    cast::{Cast, Pool, Token},
    ledger::RESERVES_SLOT,
    word::{Address, Word, of_address, of_amount, of_pair, to_pair},
};

/// Slots of a pool besides its reserves: what is only read (factory, both tokens, last product), both price sums and
/// the lock.
const READ_SLOTS: [u128; 4] = [5, 6, 7, 11];
const PRICE_SLOTS: [u128; 2] = [9, 10];
const LOCK_SLOT: u128 = 12;

/// One pool of the way, and which of its tokens goes in.
#[derive(Clone, Copy)]
struct Hop {
    pool: Pool,
    side: usize,
}

impl Hop {
    fn token_in(&self) -> Token {
        self.pool.tokens[self.side]
    }

    fn token_out(&self) -> Token {
        self.pool.tokens[1 - self.side]
    }
}

/// A swap of the sender's tokens.
pub(super) fn swap(evm: &mut Execution<'_>, cast: &Cast, rng: &mut Rng) {
    let (sender, router) = (evm.sender(), cast.router);
    let first = Hop {
        pool: cast.pool(rng),
        side: rng.usize(..2),
    };
    let second = if rng.u8(..100) < 20 {
        next_hop(first, cast)
    } else {
        None
    };
    let hops: Vec<Hop> = [first].into_iter().chain(second).collect();
    let part = u128::from(rng.u32(20..2_000));

    let mut arguments = vec![of_amount(u128::from(rng.u32(..))), of_amount(0)];
    arguments.push(of_amount(160));
    arguments.push(of_address(&sender));
    arguments.push(of_amount(hops.len() as u128 + 1));
    arguments.extend(hops.iter().map(|hop| of_address(&hop.token_in().address)));
    let input = abi::call(abi::SWAP_EXACT_TOKENS_FOR_TOKENS, &arguments);
    evm.enter(Opcode::Call, sender, router, 0, input);

    let amount_in = balance(evm, first.token_in(), sender) / part;
    let mut amounts = vec![amount_in];
    for hop in &hops {
        let amount = quote(evm, router, hop, amounts[amounts.len() - 1]);
        amounts.push(amount);
    }
    let to_first = [sender, first.pool.address];
    transfer_from(evm, first.token_in(), router, to_first, amount_in);
    for (at, hop) in hops.iter().enumerate() {
        let receiver = hops.get(at + 1).map_or(sender, |next| next.pool.address);
        run_pool(evm, router, hop, [amounts[at], amounts[at + 1]], receiver);
    }
    let amounts: Vec<Word> = amounts.into_iter().map(of_amount).collect();
    evm.leave(Status::Success, abi::words(&amounts));
}

/// Another pool that takes what the first gives, if there is one.
fn next_hop(first: Hop, cast: &Cast) -> Option<Hop> {
    let token = first.token_out().address;
    cast.pools
        .iter()
        .filter(|pool| pool.address != first.pool.address)
        .find_map(|pool| {
            let side = pool.tokens.iter().position(|one| one.address == token)?;
            Some(Hop { pool: *pool, side })
        })
}

/// Asks a pool for its reserves and computes what it gives for `amount_in`.
fn quote(evm: &mut Execution<'_>, router: Address, hop: &Hop, amount_in: u128) -> u128 {
    let pool = hop.pool.address;
    let input = abi::call(abi::GET_RESERVES, &[]);
    evm.enter(Opcode::StaticCall, router, pool, 0, input);
    let reserves = reserves(evm, pool);
    let output = abi::words(&[of_amount(reserves[0]), of_amount(reserves[1]), of_amount(0)]);
    evm.leave(Status::Success, output);
    // The product stays constant after a fee of 0.3 %. The ledger's amounts keep this inside 128 bits.
    let (reserve_in, reserve_out) = (reserves[hop.side], reserves[1 - hop.side]);
    amount_in * 997 * reserve_out / (reserve_in * 1000 + amount_in * 997)
}

/// `swap` of one pool: pays out, checks its balances, and books them as its new reserves.
fn run_pool(
    evm: &mut Execution<'_>,
    router: Address,
    hop: &Hop,
    [amount_in, amount_out]: [u128; 2],
    receiver: Address,
) {
    let pool = hop.pool.address;
    let by_side = |one: u128, other: u128| match hop.side {
        0 => [of_amount(one), of_amount(other)],
        _ => [of_amount(other), of_amount(one)],
    };
    let [ins, outs] = [by_side(amount_in, 0), by_side(0, amount_out)];
    let arguments = [outs[0], outs[1], of_address(&receiver), of_amount(128)];
    evm.enter(
        Opcode::Call,
        router,
        pool,
        0,
        abi::call(abi::SWAP, &arguments),
    );
    let lock = |evm: &mut Execution<'_>, value| {
        // Half of the pools guard themselves by transient storage, as newer contracts do.
        match pool.bytes[0] % 2 {
            0 => evm.store_transient(pool, of_amount(LOCK_SLOT), of_amount(value)),
            _ => evm.store(pool, of_amount(LOCK_SLOT), of_amount(value)),
        }
    };
    lock(evm, 1);
    for slot in READ_SLOTS {
        evm.load(pool, of_amount(slot));
    }
    reserves(evm, pool);
    transfer(evm, hop.token_out(), pool, receiver, amount_out);
    let balances = hop
        .pool
        .tokens
        .map(|token| balance_of(evm, token, pool, pool));
    for (slot, balance) in PRICE_SLOTS.into_iter().zip(balances) {
        let (_, sum) = to_pair(&evm.load(pool, of_amount(slot)));
        evm.store(pool, of_amount(slot), of_amount(sum.wrapping_add(balance)));
    }
    let booked = of_pair(balances[1], balances[0]);
    evm.store(pool, of_amount(RESERVES_SLOT), booked);
    let synced = abi::words(&balances.map(of_amount));
    evm.log(pool, &[abi::SYNC_LOG], synced);
    let topics = [abi::SWAP_LOG, of_address(&router), of_address(&receiver)];
    evm.log(pool, &topics, abi::words(&[ins, outs].concat()));
    lock(evm, 0);
    evm.leave(Status::Success, Vec::new());
}

fn reserves(evm: &mut Execution<'_>, pool: Address) -> [u128; 2] {
    let (second, first) = to_pair(&evm.load(pool, of_amount(RESERVES_SLOT)));
    [first, second]
}
