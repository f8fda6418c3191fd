//! Numbers and texts as bytes: variable-length integers, least significant
//! seven bits first, as in LEB128; signed ones in zigzag order.

/// Bytes that are being written.
#[derive(Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn uint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// The way from one number to another, wrapping, so that any two will do.
    pub(super) fn step(&mut self, from: u64, to: u64) {
        let way = to.wrapping_sub(from).cast_signed();
        self.uint((way << 1 ^ way >> 63).cast_unsigned());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.uint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }
}

/// What makes no sense, and at which byte of the block's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

pub(super) type Read<T> = Result<T, Fault>;

/// Bytes that are being read.
#[derive(Clone, Copy)]
pub(super) struct In<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> In<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) const fn fault(&self, what: &'static str) -> Fault {
        Fault { at: self.at, what }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// What lies between here and somebody who is further.
    pub(super) fn until(&self, further: &Self) -> &'a [u8] {
        self.bytes.get(self.at..further.at).unwrap_or_default()
    }

    pub(super) fn byte(&mut self) -> Read<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| self.fault("it ends within a record"))
    }

    pub(super) fn uint(&mut self) -> Read<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(self.fault("a number is too long"))
    }

    /// The number that is one [step](Out::step) from another.
    pub(super) fn step(&mut self, from: u64) -> Read<u64> {
        let way = self.uint()?;
        Ok(from.wrapping_add(way >> 1 ^ (way & 1).wrapping_neg()))
    }

    pub(super) fn narrow<T: TryFrom<u64>>(&mut self) -> Read<T> {
        let number = self.uint()?;
        T::try_from(number).map_err(|_| self.fault("a number is too large"))
    }

    pub(super) fn bytes(&mut self, most: usize) -> Read<&'a [u8]> {
        let length: usize = self.narrow()?;
        if length > most {
            return Err(self.fault("a text is too long"));
        }
        let bytes = self.bytes.get(self.at..self.at + length);
        let bytes = bytes.ok_or_else(|| self.fault("it ends within a text"))?;
        self.at += length;
        Ok(bytes)
    }

    pub(super) fn text(&mut self, most: usize) -> Read<&'a str> {
        let bytes = self.bytes(most)?;
        std::str::from_utf8(bytes).map_err(|_| self.fault("no UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_whatever_their_size() {
        let numbers = [0, 1, 127, 128, 300, 1 << 35, u64::MAX - 1, u64::MAX];
        let mut out = Out::default();
        for number in numbers {
            out.uint(number);
            for from in numbers {
                out.step(from, number);
            }
        }
        let mut bytes = In::new(&out.0);
        for number in numbers {
            assert_eq!(bytes.uint(), Ok(number));
            for from in numbers {
                assert_eq!(bytes.step(from), Ok(number));
            }
        }
        assert!(bytes.is_over());
    }

    #[test]
    fn nonsense_is_a_fault_and_says_where() {
        let long = [0xff; 11];
        let fault = In::new(&long).uint().err();
        assert_eq!(fault.map(|it| it.what), Some("a number is too long"));
        let fault = In::new(&[0x80]).uint().err();
        let expected = Fault { at: 2, what: "it ends within a record" };
        assert_eq!(fault, Some(expected));
        assert!(In::new(&[5, b'a']).text(9).is_err());
        assert!(In::new(&[5, b'a']).text(4).is_err());
        assert!(In::new(&[1, 0xff]).text(4).is_err());
        assert!(In::new(&[0x80, 0x02]).narrow::<u8>().is_err());
    }
}
