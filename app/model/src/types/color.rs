//! Colours by their names.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::audit::{UnknownName, named};

named! {
    /// A colour that people name, as pictures are looked for by it. Their order is stored: new ones go to the end.
    ColorName {
        /// Red.
        Red = "red",
        /// Orange.
        Orange = "orange",
        /// Yellow.
        Yellow = "yellow",
        /// Green.
        Green = "green",
        /// Between green and blue.
        Teal = "teal",
        /// Blue.
        Blue = "blue",
        /// Purple.
        Purple = "purple",
        /// Pink.
        Pink = "pink",
        /// Brown.
        Brown = "brown",
        /// Black.
        Black = "black",
        /// Grey.
        Grey = "grey",
        /// White.
        White = "white",
    }
}
