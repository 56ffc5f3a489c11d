//! What people are told of their images in figures.

use model::{
    Problem,
    types::{StatisticsDays, Within},
};

use crate::context::parsed;

/// Days of those who don't say how many.
const USUAL_DAYS: StatisticsDays = Within::nearest(30);

/// How many days somebody asks for.
///
/// # Errors
/// [`Problem::InvalidParameter`]
pub fn days(typed: Option<&str>) -> Result<StatisticsDays, Problem> {
    typed.filter(|text| !text.is_empty()).map_or(Ok(USUAL_DAYS), |text| parsed("days", text))
}
