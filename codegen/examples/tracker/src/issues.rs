//! The handlers of the group `issues`: from a request to the tracker, and back to an answer that the descriptor
//! declares. There is no status, no header and no path here: those are the descriptor's business.

use api_runtime::server::Context;
use api_runtime::{HttpDate, Source};

use crate::server::Issues;
use crate::tracker::{Entry, Tracker, caller};
use crate::types::*;

impl Issues for Tracker {
    async fn list_issues(
        &self,
        _cx: Context,
        request: ListIssues,
    ) -> Result<ListIssuesResponse, ListIssuesError> {
        let before = request.after.as_ref().map(place).transpose()?;
        let issues = self.issues();
        let mut found = (issues.entries.values().rev().map(|entry| &entry.issue))
            .filter(|issue| before.is_none_or(|before| issue.number < before))
            .filter(|issue| fits(issue, &request));
        let limit = request.limit.get() as usize;
        let page: Vec<Issue> = found.by_ref().take(limit).cloned().collect();
        let mut body = ListIssuesOkBody::new(page);
        if found.next().is_some() {
            body.next = body.issues.last().map(token).transpose()?;
        }
        Ok(ListIssuesOk::new(body).into())
    }

    async fn create_issue(
        &self,
        cx: Context,
        request: CreateIssue,
    ) -> Result<CreateIssueResponse, CreateIssueError> {
        let author = caller(&cx)?;
        let key = request
            .idempotency_key
            .map(|key| (author.login.clone(), key));
        let mut issues = self.issues();
        match key.as_ref().and_then(|key| issues.created.get(key)) {
            Some((first, answer)) if *first == request.body => return Ok(answer.clone().into()),
            Some(_) => return Err(KeyReused.into()),
            None => {}
        }
        let new = request.body.clone();
        let labels = new.labels.unwrap_or_default();
        self.known::<CreateIssueError>(&labels)?;
        let assignee = new.assignee.map(|login| self.person(&login)).transpose()?;
        let (number, now) = (issues.next_number()?, self.now());
        let entry = issues.add(Issue {
            number,
            title: new.title,
            text: new.text,
            state: State::Open,
            priority: new.priority,
            labels,
            author,
            assignee,
            due: new.due,
            created: now,
            updated: now,
            comments: ListCommentsUrl::new(number).into(),
        });
        let url = GetIssueUrl::new(number);
        let answer = CreateIssueCreated::new(url.into(), entry.etag(), entry.issue.clone());
        if let Some(key) = key {
            issues.created.insert(key, (request.body, answer.clone()));
        }
        Ok(answer.into())
    }

    async fn get_issue(
        &self,
        _cx: Context,
        request: GetIssue,
    ) -> Result<GetIssueResponse, GetIssueError> {
        Ok(whole(self.issues().entry(request.number)?).into())
    }

    async fn update_issue(
        &self,
        cx: Context,
        request: UpdateIssue,
    ) -> Result<UpdateIssueResponse, UpdateIssueError> {
        let change = request.body;
        let mut issues = self.issues();
        let entry = issues.entry(request.number)?;
        cx.precondition(Some(&entry.etag()), Some(&modified(&entry.issue)))?;
        self.known::<UpdateIssueError>(change.labels.as_deref().unwrap_or_default())?;
        let assignee = match change.assignee.into_change() {
            Some(Some(login)) => Some(Some(self.person(&login)?)),
            Some(None) => Some(None),
            None => None,
        };
        let issue = &mut entry.issue;
        set(&mut issue.title, change.title);
        set(&mut issue.text, change.text.into_change());
        set(&mut issue.state, change.state);
        set(&mut issue.priority, change.priority);
        set(&mut issue.labels, change.labels);
        set(&mut issue.assignee, assignee);
        set(&mut issue.due, change.due.into_change());
        entry.changed(self.now());
        Ok(whole(entry).into())
    }

    async fn delete_issue(
        &self,
        cx: Context,
        request: DeleteIssue,
    ) -> Result<DeleteIssueResponse, DeleteIssueError> {
        let mut issues = self.issues();
        let entry = issues.entry(request.number)?;
        cx.precondition(Some(&entry.etag()), Some(&modified(&entry.issue)))?;
        issues.entries.remove(&request.number);
        Ok(DeleteIssueNoContent::new().into())
    }
}

/// Whether all filters of the request let an issue through.
fn fits(issue: &Issue, request: &ListIssues) -> bool {
    let assignee = issue.assignee.as_ref().map(|person| &person.login);
    let labels = request.label.as_deref().unwrap_or_default();
    request
        .state
        .as_ref()
        .is_none_or(|state| issue.state == *state)
        && labels.iter().all(|label| issue.labels.contains(label))
        && (request.assignee.as_ref()).is_none_or(|wanted| assignee == Some(wanted))
        && request.since.is_none_or(|since| issue.updated >= since)
}

/// A list goes on after its last issue. Clients are not to build upon that.
fn token(last: &Issue) -> Result<PageToken, Source> {
    Ok(PageToken::parse(&format!("{:x}", last.number.get()))?)
}

fn place(token: &PageToken) -> Result<IssueNumber, InvalidRequest> {
    let number = u32::from_str_radix(token.as_str(), 16).ok();
    number
        .and_then(|number| IssueNumber::new(number).ok())
        .ok_or_else(|| InvalidRequest {
            parameter: Some("after".to_owned()),
            reason: Some("this server has given out no such token".to_owned()),
        })
}

fn set<T>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}

fn modified(issue: &Issue) -> HttpDate {
    issue.updated.into()
}

fn whole(entry: &Entry) -> WholeIssue {
    WholeIssue::new(entry.etag(), modified(&entry.issue), entry.issue.clone())
}
