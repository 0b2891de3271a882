//! How a region reaches the connection through layers that know nothing of it.
//!
//! A connection that can send regions says so for as long as it polls a body. A region that is polled
//! meanwhile leaves its file here, and yields a *marker* in place of bytes: as many zeroes, which nobody
//! has written nor reads. Layers in between see bytes like any other; one that changes or keeps them is
//! noticed, since then what was left here and the marker do not arrive together. Hazard: one that only
//! looks at them, to hash them say, sees zeroes; such a layer must not stand below a connection that sends
//! regions. Where a body is
//! polled by anybody else there is no offer, and it yields its bytes. The offer is a thing of the thread,
//! as polling is: nothing else reaches through every wrapper without their help.

use std::cell::RefCell;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::WINDOW;

/// Never written, so that it takes no memory. It is known by its address.
static MARKER: [u8; WINDOW] = [0; WINDOW];

thread_local! {
    static OFFER: RefCell<Offer> = const { RefCell::new(Offer::None) };
}

#[derive(Default)]
enum Offer {
    #[default]
    None,
    Open,
    Taken(Window),
}

/// A part of a file that the connection is to send; not longer than the marker.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) file: Arc<File>,
    pub(crate) range: Range<u64>,
}

impl Window {
    pub(crate) fn len(&self) -> usize {
        usize::try_from(self.range.end - self.range.start).unwrap_or(usize::MAX)
    }
}

/// Makes the offer while `poll` runs. What was given meanwhile is to be sent in place of the marker.
pub(crate) fn during<T>(poll: impl FnOnce() -> T) -> (T, Option<Window>) {
    let before = Before(OFFER.replace(Offer::Open));
    let polled = poll();
    let taken = match OFFER.take() {
        Offer::Taken(window) => Some(window),
        Offer::None | Offer::Open => None,
    };
    drop(before);
    (polled, taken)
}

/// What was offered before; it is again, even if a body panics.
struct Before(Offer);

impl Drop for Before {
    fn drop(&mut self) {
        OFFER.set(std::mem::take(&mut self.0));
    }
}

/// Gives a window away where that is offered, and has its marker.
pub(super) fn give(window: impl FnOnce() -> Window) -> Option<Bytes> {
    OFFER.with_borrow_mut(|offer| {
        let Offer::Open = offer else {
            return None;
        };
        let window = window();
        let marker = marker(window.len());
        *offer = Offer::Taken(window);
        Some(Bytes::from_static(marker))
    })
}

/// The marker of so many bytes, a window at most.
pub(crate) fn marker(length: usize) -> &'static [u8] {
    MARKER.get(..length).unwrap_or(&MARKER)
}

/// Whether these are no bytes but a marker, or a part of one.
pub(crate) fn is_marker(bytes: &[u8]) -> bool {
    !bytes.is_empty() && MARKER.as_ptr_range().contains(&bytes.as_ptr())
}
