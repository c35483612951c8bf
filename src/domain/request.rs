//! What the domain sees of a request: borrowed, and of no framework.

/// The values of one header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderValues<'h> {
    /// The header is absent.
    Absent,
    /// There is exactly one.
    One(&'h [u8]),
    /// There are several lines of that name.
    Several,
}

/// Access to the headers of a request.
pub trait Headers {
    /// The values of the header called `name`, in lower case.
    fn values(&self, name: &str) -> HeaderValues<'_>;
}
