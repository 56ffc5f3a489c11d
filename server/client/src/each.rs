//! The same for each of several images.

use crate::{
    exit::Exit,
    failure::Failure,
    named::Named,
    screen::{Screen, plain, say},
};

/// Prints what `act` says of each, in the order given. One that fails is told and the next one tried, unless that
/// would fail as well.
pub(crate) async fn each(
    images: &[Named],
    screen: &Screen,
    act: impl AsyncFn(&Named) -> Result<String, Failure>,
) -> Result<Exit, Failure> {
    let (mut done, mut failures) = (0, Vec::new());
    for named in images {
        match act(named).await {
            Ok(line) => {
                say(plain(&line))?;
                done += 1;
            }
            Err(failure) => {
                screen.note(format_args!("{named}: {failure}"));
                let is_over = failure.concerns_all();
                failures.push(failure);
                if is_over {
                    break;
                }
            }
        }
    }
    Ok(Exit::of(done, &failures))
}
