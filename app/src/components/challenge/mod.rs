//! Challenges in forms.

mod image;
mod slider;
mod solver;

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use model::{
    Problem,
    types::{Challenge, ChallengeAnswer, ChallengePurpose, ChallengeTask, Solution, Work},
};

use self::{image::ImageTask, slider::SliderTask, solver::Solver};
use super::{account_problem::AccountProblemNotice, when::When};
use crate::{
    api,
    i18n::{t_string, use_i18n},
    later::later,
    text::{text, tr},
};

/// An answer is renewed so long before it would be too late.
const MARGIN: u32 = 20;

/// Has a challenge solved, as soon as it is shown.
///
/// The form sends `answer` along once there is one and takes it out (`take`), since it is good for one
/// request, whatever comes of that; another challenge begins by itself then, and before one that
/// waits in the form lapses. Where the instance asks for none, there is an answer at once.
#[component]
pub fn ChallengeField(
    /// What for.
    purpose: ChallengePurpose,
    /// Where the answer is put.
    answer: RwSignal<Option<ChallengeAnswer>>,
    /// Whether solving it is the next thing to do, so that it is to have the focus.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    // Only a browser has something to do with it, and only one that shows it loads its code.
    let in_browser = RwSignal::new(false);
    Effect::new(move |_| in_browser.set(true));
    view! { <When when=in_browser>{later!(challenge_field(purpose, answer, focus))}</When> }
}

#[lazy]
fn challenge_field(
    purpose: ChallengePurpose,
    answer: RwSignal<Option<ChallengeAnswer>>,
    focus: bool,
) -> AnyView {
    let i18n = use_i18n();
    let field = Field {
        purpose,
        answer,
        state: RwSignal::new(State::Asking),
        was_wrong: RwSignal::new(false),
        focus: RwSignal::new(focus),
        solver: StoredValue::new_local(None),
    };
    field.ask();
    Effect::new(move |_| {
        let taken = answer.with(Option::is_none);
        if taken && field.state.with_untracked(|state| matches!(state, State::Done)) {
            field.ask();
        }
    });
    // What a person has solved is gone, and the focus with it: here one hears of it, and the form goes on.
    let said = NodeRef::<html::P>::new();
    Effect::new(move |_| {
        let is_over = field.state.with(|state| matches!(state, State::Working | State::Done));
        if is_over
            && purpose != ChallengePurpose::SignIn
            && field.focus.get_untracked()
            && let Some(said) = said.get_untracked()
        {
            let _ = said.focus();
        }
    });
    let status = text(move || {
        let was_wrong = field.was_wrong.get();
        field.state.with(|state| match state {
            State::Asking => t_string!(i18n, challenge.asking).to_owned(),
            State::Working => t_string!(i18n, challenge.working).to_owned(),
            State::Done => t_string!(i18n, challenge.done).to_owned(),
            State::Shown(_) if was_wrong => t_string!(i18n, challenge.wrong).to_owned(),
            State::Shown(_) if purpose == ChallengePurpose::SignIn => {
                t_string!(i18n, challenge.after_failures).to_owned()
            }
            State::Shown(_) | State::Failed(_) => String::new(),
        })
    });
    view! {
        <div class="code-form" role="group" aria-label=tr!(i18n, challenge.label)>
            <p class="hint" role="status" tabindex="-1" node_ref=said>{status}</p>
            {move || match field.state.get() {
                State::Shown(challenge) => task(field, challenge),
                State::Failed(problem) => view! {
                    <AccountProblemNotice problem=Signal::stored(Some(problem)) />
                    <button type="button" class="button" on:click=move |_| field.ask()>{tr!(i18n, common.retry)}</button>
                }.into_any(),
                State::Asking | State::Working | State::Done => ().into_any(),
            }}
        </div>
    }
    .into_any()
}

/// What a person has to do, or else the device.
fn task(field: Field, Challenge { id, task, .. }: Challenge) -> AnyView {
    let i18n = use_i18n();
    let instead = match task {
        ChallengeTask::Image { instead, .. } | ChallengeTask::Slider { instead, .. } => instead,
        ChallengeTask::Work(work) => work,
        ChallengeTask::None => return ().into_any(),
    };
    let busy = RwSignal::new(false);
    let on_answer = {
        let id = id.clone();
        Callback::new(move |answer| {
            if !busy.get_untracked() {
                busy.set(true);
                field.judge(ChallengeAnswer { id: id.clone(), answer });
            }
        })
    };
    let focus = field.focus.get_untracked();
    let part = match task {
        ChallengeTask::Image { picture, .. } => {
            view! { <ImageTask picture=picture busy=busy focus=focus on_answer=on_answer /> }.into_any()
        }
        ChallengeTask::Slider { picture, piece, top, .. } => {
            view! { <SliderTask picture=picture piece=piece top=top busy=busy focus=focus on_answer=on_answer /> }.into_any()
        }
        ChallengeTask::Work(_) | ChallengeTask::None => ().into_any(),
    };
    view! {
        {part}
        <div class="row">
            <button type="button" class="button button-quiet" disabled=move || busy.get() on:click=move |_| {
                field.focus.set(true);
                field.was_wrong.set(false);
                field.ask();
            }>{tr!(i18n, challenge.another)}</button>
            <button type="button" class="button button-quiet" disabled=move || busy.get() on:click=move |_| {
                field.focus.set(true);
                field.work(id.clone(), instead);
            }>{tr!(i18n, challenge.instead)}</button>
        </div>
    }
    .into_any()
}

/// How far it is.
#[derive(Clone)]
enum State {
    /// The server is asked for a challenge.
    Asking,
    /// The device works.
    Working,
    /// A person has something to do.
    Shown(Challenge),
    /// There is an answer.
    Done,
    /// There is no challenge to be had.
    Failed(Problem),
}

#[derive(Clone, Copy)]
struct Field {
    purpose: ChallengePurpose,
    answer: RwSignal<Option<ChallengeAnswer>>,
    state: RwSignal<State>,
    was_wrong: RwSignal<bool>,
    focus: RwSignal<bool>,
    solver: StoredValue<Option<Solver>, LocalStorage>,
}

// The page may be left while something is under way, and all signals be gone: hence `try_…`.
impl Field {
    fn become_(self, state: State) {
        let _ = self.state.try_set(state);
    }

    /// Gets a challenge and begins it.
    fn ask(self) {
        self.become_(State::Asking);
        spawn_local(async move {
            match api::issue_challenge(self.purpose).await {
                Err(error) => self.become_(State::Failed(error.0)),
                Ok(Challenge { id, task: ChallengeTask::None, .. }) => {
                    self.solved(ChallengeAnswer { id, answer: Solution::Done });
                }
                Ok(Challenge { id, task: ChallengeTask::Work(work), .. }) => {
                    self.renew_in_time(id.clone());
                    self.work(id, work);
                }
                Ok(challenge) => {
                    self.renew_in_time(challenge.id.clone());
                    self.become_(State::Shown(challenge));
                }
            }
        });
    }

    /// Has the device solve the challenge.
    fn work(self, id: String, work: Work) {
        self.become_(State::Working);
        let solver = Solver::start(&id.clone(), work, move |nonces| match nonces {
            Some(nonces) => self.solved(ChallengeAnswer { id: id.clone(), answer: Solution::Work(nonces) }),
            None => self.become_(State::Failed(Problem::Internal)),
        });
        match solver {
            Some(solver) => drop(self.solver.try_set_value(Some(solver))),
            None => self.become_(State::Failed(Problem::Internal)),
        }
    }

    /// Asks the server whether a person's answer is right.
    fn judge(self, answer: ChallengeAnswer) {
        let _ = self.focus.try_set(true);
        spawn_local(async move {
            match api::solve_challenge(self.purpose, answer).await {
                Ok(answer) => {
                    self.renew_in_time(answer.id.clone());
                    self.solved(answer);
                }
                Err(error) if error.0 == Problem::ChallengeFailed => {
                    let _ = self.was_wrong.try_set(true);
                    self.ask();
                }
                Err(error) => self.become_(State::Failed(error.0)),
            }
        });
    }

    fn solved(self, answer: ChallengeAnswer) {
        let _ = self.was_wrong.try_set(false);
        self.become_(State::Done);
        let _ = self.answer.try_set(Some(answer));
    }

    /// Takes the answer out shortly before it lapses, whereupon another challenge begins.
    fn renew_in_time(self, id: String) {
        let waits = move |given: &Option<ChallengeAnswer>| given.as_ref().is_some_and(|given| given.id == id);
        let renew = move || {
            if self.answer.try_with_untracked(waits) == Some(true) {
                self.answer.set(None);
            }
        };
        set_timeout(renew, Duration::from_secs((Challenge::LIFETIME - MARGIN).into()));
    }
}
