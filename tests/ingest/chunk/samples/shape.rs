//! Crate docs.
use std::fmt;

/// A struct.
#[derive(Debug,
  Clone)]
pub struct S<T> {
    x: T,
}

struct Unit;

impl<T: Clone> fmt::Display for S<T> {
    const Q: u8 = 1;

    /// Formats.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

pub trait Shape: Clone {
    fn area(&self) -> f64;

    fn twice(&self) -> f64 {
        self.area() * 2.0
    }
}

macro_rules! mm {
    () => {};
}

mod tests {
    use super::*;

    #[test]
    fn works() {
        assert!(true);
    }
}
