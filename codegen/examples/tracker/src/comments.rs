//! The handlers of the group `comments`.

use api_runtime::server::Context;
use api_runtime::uuid;

use crate::server::Comments;
use crate::tracker::{Tracker, caller};
use crate::types::*;

impl Comments for Tracker {
    async fn list_comments(
        &self,
        _cx: Context,
        request: ListComments,
    ) -> Result<ListCommentsResponse, ListCommentsError> {
        let mut issues = self.issues();
        let comments = &issues.entry(request.number)?.comments;
        let start = match &request.after {
            Some(after) => position(comments, *after)?,
            None => 0,
        };
        let limit = request.limit.get() as usize;
        let page: Vec<Comment> = comments[start..].iter().take(limit).cloned().collect();
        let last = page.last().filter(|_| start + page.len() < comments.len());
        let mut next = ListCommentsUrl::new(request.number);
        next.limit = Some(request.limit);
        next.after = last.map(|last| last.id);
        let answer = ListCommentsOk::new(page);
        Ok(match next.after {
            Some(_) => answer.link(next.into()).into(),
            None => answer.into(),
        })
    }

    async fn add_comment(
        &self,
        cx: Context,
        request: AddComment,
    ) -> Result<AddCommentResponse, AddCommentError> {
        let id = api_runtime::Uuid(uuid::Uuid::new_v4());
        let comment = Comment::new(id, caller(&cx)?, request.body.text, self.now());
        self.issues()
            .entry(request.number)?
            .comments
            .push(comment.clone());
        Ok(AddCommentSaid::new(comment).into())
    }
}

/// Where a page begins that comes after a comment.
fn position(comments: &[Comment], after: api_runtime::Uuid) -> Result<usize, InvalidRequest> {
    let at = comments.iter().position(|comment| comment.id == after);
    at.map(|at| at + 1).ok_or_else(|| InvalidRequest {
        parameter: Some("after".to_owned()),
        reason: Some("there is no such comment".to_owned()),
    })
}
