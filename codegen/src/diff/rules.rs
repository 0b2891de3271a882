//! The rules: what kinds of change there are, whom each breaks, and why.
//!
//! A table, so that code, tests and `docs/reference/changes.md` say the same. Three questions are asked
//! of a change: does a client of the old descriptor get on with a server of the new one, does a client of
//! the new one get on with a server of the old one, and does code still compile. The way back of a change
//! is a change too, with clients and servers changed over: each rule names the rule that tells it.

/// Whom a change may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Clients of the old descriptor that call a server of the new one.
    Clients,
    /// Servers of the old descriptor that are called by a client of the new one.
    Servers,
    /// Code that uses what is generated, of either side.
    Code,
}

impl Audience {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clients, Self::Servers, Self::Code];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Servers => "servers",
            Self::Code => "code",
        }
    }
}

macro_rules! rules {
    ($($variant:ident $id:literal [$($audience:ident)*] $reverse:ident $what:literal $why:literal;)*) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule {
            $(#[doc = $what] $variant,)*
        }

        impl Rule {
            /// All rules, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its stable name.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// Whom it breaks; nobody where it is safe.
            pub fn breaks(self) -> &'static [Audience] {
                match self {
                    $(Self::$variant => &[$(Audience::$audience,)*],)*
                }
            }

            /// The rule of the way back.
            #[must_use]
            pub fn reverse(self) -> Self {
                match self {
                    $(Self::$variant => Self::$reverse,)*
                }
            }

            /// What has changed, as a sentence.
            pub fn what(self) -> &'static str {
                match self {
                    $(Self::$variant => $what,)*
                }
            }

            /// Why it breaks somebody, or why it does not, as a sentence.
            pub fn why(self) -> &'static str {
                match self {
                    $(Self::$variant => $why,)*
                }
            }
        }
    };
}

rules! {
    // Operations and routes.
    OperationAdded "operation-added" [Servers] OperationRemoved
        "An operation is added." "An old server does not have it.";
    OperationRemoved "operation-removed" [Clients] OperationAdded
        "An operation is removed." "An old client still calls it.";
    OperationRenamed "operation-renamed" [] OperationRenamed
        "An operation has another id." "The id is on no wire.";
    OperationMoved "operation-moved" [Clients Servers] OperationMoved
        "An operation has another path or method." "It is looked for where it is not.";
    PathParameterRenamed "path-parameter-renamed" [] PathParameterRenamed
        "A parameter of a path has another name." "The name is on no wire.";
    TrailingSlashAccepted "trailing-slash-accepted" [Servers] TrailingSlashRefused
        "A path is accepted with and without its final slash." "An old server knows one of both alone.";
    TrailingSlashRefused "trailing-slash-refused" [Clients] TrailingSlashAccepted
        "A path is no longer accepted with and without its final slash."
        "An old client may use the other one.";
    HeadAdded "head-added" [Servers] HeadRemoved
        "HEAD is answered." "An old server does not have the method.";
    HeadRemoved "head-removed" [Clients] HeadAdded
        "HEAD is no longer answered." "An old client may still ask so.";
    RequestFormAdded "request-form-added" [Servers] RequestFormRemoved
        "An operation takes another form of request." "An old server does not know the form.";
    RequestFormRemoved "request-form-removed" [Clients] RequestFormAdded
        "An operation no longer takes a form of request." "An old client may still send it.";
    ConditionNarrowed "condition-narrowed" [Clients] ConditionWidened
        "A form of request is chosen for fewer requests." "Some request of an old client is not taken for it.";
    ConditionWidened "condition-widened" [Servers] ConditionNarrowed
        "A form of request is chosen for more requests." "An old server does not take some of them for it.";
    ConditionChanged "condition-changed" [Clients Servers] ConditionChanged
        "A form of request is chosen for other requests." "Each side takes requests for it that the other does not.";

    // Parameters and headers of requests.
    RequestParameterAdded "request-parameter-added" [Servers] RequestParameterRemoved
        "A parameter that may be left out is added." "An old server ignores it and does as if it were not there.";
    RequestParameterRemoved "request-parameter-removed" [Clients] RequestParameterAdded
        "A parameter that could be left out is removed."
        "A new server ignores it and does as if an old client had not sent it.";
    RequestRequiredParameterAdded "request-required-parameter-added" [Clients Servers] RequestRequiredParameterRemoved
        "A required parameter is added." "An old client does not send it, and an old server ignores it.";
    RequestRequiredParameterRemoved "request-required-parameter-removed" [Clients Servers] RequestRequiredParameterAdded
        "A required parameter is removed." "A new server ignores it, and an old server misses it.";
    RequestParameterNowRequired "request-parameter-now-required" [Clients] RequestParameterNowOptional
        "A parameter may no longer be left out." "An old client may leave it out.";
    RequestParameterNowOptional "request-parameter-now-optional" [Servers] RequestParameterNowRequired
        "A parameter may be left out." "An old server demands it.";
    ParameterStyleChanged "parameter-style-changed" [Clients Servers] ParameterStyleChanged
        "The items of a list are written in another way." "Several items are read as one, or not at all.";
    DefaultAdded "default-added" [Servers] DefaultRemoved
        "What is absent has a declared meaning." "An old side does not promise it.";
    DefaultRemoved "default-removed" [Clients] DefaultAdded
        "What is absent has no declared meaning any more." "An old client relies on it.";
    DefaultChanged "default-changed" [Clients Servers] DefaultChanged
        "What is absent means something else." "One message is understood in two ways.";

    // Values.
    RequestValueNarrowed "request-value-narrowed" [Clients] RequestValueWidened
        "Fewer values are accepted in a request." "An old client may send one that is refused.";
    RequestValueWidened "request-value-widened" [Servers] RequestValueNarrowed
        "More values are accepted in a request." "An old server refuses some of them.";
    RequestValueChanged "request-value-changed" [Clients Servers] RequestValueChanged
        "A request holds values of another kind." "Neither side accepts what the other sends.";
    ResponseValueWidened "response-value-widened" [Clients] ResponseValueNarrowed
        "More values may stand in an answer." "An old client cannot read some of them.";
    ResponseValueNarrowed "response-value-narrowed" [Servers] ResponseValueWidened
        "Fewer values may stand in an answer." "An old server may send one that a new client cannot read.";
    ResponseValueChanged "response-value-changed" [Clients Servers] ResponseValueChanged
        "An answer holds values of another kind." "Neither side can read what the other sends.";
    RequestEnumValueAdded "request-enum-value-added" [Servers] RequestEnumValueRemoved
        "A request may hold a new value of an enumeration." "An old server refuses it.";
    RequestEnumValueRemoved "request-enum-value-removed" [Clients] RequestEnumValueAdded
        "A value of an enumeration is no longer accepted in a request." "An old client may send it.";
    ResponseEnumValueAdded "response-enum-value-added" [Clients] ResponseEnumValueRemoved
        "An answer may hold a new value of an enumeration." "An old client cannot read it.";
    ResponseEnumValueRemoved "response-enum-value-removed" [Servers] ResponseEnumValueAdded
        "An answer no longer holds a value of an enumeration." "An old server may send it to a new client.";
    OpenValueNamed "open-value-named" [] OpenValueUnnamed
        "An open enumeration or union names one more value." "It was accepted without a name.";
    OpenValueUnnamed "open-value-unnamed" [] OpenValueNamed
        "An open enumeration or union names one value less." "It is accepted without a name.";
    RequestVariantAdded "request-variant-added" [Servers] RequestVariantRemoved
        "A request may hold a new variant of a union." "An old server refuses it.";
    RequestVariantRemoved "request-variant-removed" [Clients] RequestVariantAdded
        "A variant of a union is no longer accepted in a request." "An old client may send it.";
    ResponseVariantAdded "response-variant-added" [Clients] ResponseVariantRemoved
        "An answer may hold a new variant of a union." "An old client cannot read it.";
    ResponseVariantRemoved "response-variant-removed" [Servers] ResponseVariantAdded
        "An answer no longer holds a variant of a union." "An old server may send it to a new client.";
    RequestOpened "request-opened" [Servers] RequestClosed
        "Unknown values of an enumeration or union are kept in a request." "An old server refuses them.";
    RequestClosed "request-closed" [Clients] RequestOpened
        "Unknown values of an enumeration or union are refused in a request." "An old client may send one.";
    ResponseOpened "response-opened" [Clients] ResponseClosed
        "An answer may hold unknown values of an enumeration or union." "An old client cannot read them.";
    ResponseClosed "response-closed" [Servers] ResponseOpened
        "An answer holds no unknown values of an enumeration or union." "An old server may send one to a new client.";
    EventAdded "event-added" [] EventRemoved
        "A stream may hold events of one more name." "A client passes over events that it does not know.";
    EventRemoved "event-removed" [] EventAdded
        "A stream no longer holds events of a name." "A client passes over events that it does not know.";
    EventsOpened "events-opened" [] EventsClosed
        "Unknown events of a stream are kept." "An old client passes over them.";
    EventsClosed "events-closed" [] EventsOpened
        "Unknown events of a stream are no longer kept." "A new client passes over them.";

    // Fields of objects.
    RequestFieldAdded "request-field-added" [Servers] RequestFieldRemoved
        "A field that may be left out is added to a request." "An old server ignores or refuses it.";
    RequestFieldRemoved "request-field-removed" [Clients] RequestFieldAdded
        "A field that could be left out is removed from a request."
        "A new server ignores or refuses it where an old client sends it.";
    RequestRequiredFieldAdded "request-required-field-added" [Clients Servers] RequestRequiredFieldRemoved
        "A required field is added to a request." "An old client does not send it, and an old server does not know it.";
    RequestRequiredFieldRemoved "request-required-field-removed" [Clients Servers] RequestRequiredFieldAdded
        "A required field is removed from a request." "A new server does not know it, and an old server misses it.";
    RequestFieldNowRequired "request-field-now-required" [Clients] RequestFieldNowOptional
        "A field of a request may no longer be left out." "An old client may leave it out.";
    RequestFieldNowOptional "request-field-now-optional" [Servers] RequestFieldNowRequired
        "A field of a request may be left out." "An old server demands it.";
    ResponseFieldAdded "response-field-added" [] ResponseFieldRemoved
        "A field that may be left out is added to an answer." "An old client ignores it, a new one does without it.";
    ResponseFieldRemoved "response-field-removed" [] ResponseFieldAdded
        "A field that could be left out is removed from an answer." "An old client does without it, a new one ignores it.";
    ResponseRequiredFieldAdded "response-required-field-added" [Servers] ResponseRequiredFieldRemoved
        "A field that is always there is added to an answer." "An old server does not send it.";
    ResponseRequiredFieldRemoved "response-required-field-removed" [Clients] ResponseRequiredFieldAdded
        "A field that was always there is removed from an answer." "An old client cannot do without it.";
    ResponseFieldNowOptional "response-field-now-optional" [Clients] ResponseFieldNowRequired
        "A field of an answer may be left out." "An old client cannot do without it.";
    ResponseFieldNowRequired "response-field-now-required" [Servers] ResponseFieldNowOptional
        "A field of an answer is always there." "An old server may leave it out.";
    ClosedFieldAdded "closed-field-added" [Clients] ClosedFieldRemoved
        "A field is added to an object of an answer that refuses unknown keys." "An old client refuses the object.";
    ClosedFieldRemoved "closed-field-removed" [Servers] ClosedFieldAdded
        "A field is removed from an object of an answer that refuses unknown keys."
        "A new client refuses the object of an old server.";
    RequestKeysRefused "request-keys-refused" [Clients] RequestKeysAccepted
        "Unknown keys of a request are refused." "An old client may send some.";
    RequestKeysAccepted "request-keys-accepted" [Servers] RequestKeysRefused
        "Unknown keys of a request are accepted." "An old server refuses them.";
    ResponseKeysAccepted "response-keys-accepted" [Clients] ResponseKeysRefused
        "An answer may hold unknown keys." "An old client refuses them.";
    ResponseKeysRefused "response-keys-refused" [Servers] ResponseKeysAccepted
        "An answer may no longer hold unknown keys." "An old server may send some to a new client.";
    RequestKeysKept "request-keys-kept" [Servers] RequestKeysDropped
        "Unknown keys of a request are kept." "An old server ignores them.";
    RequestKeysDropped "request-keys-dropped" [Clients] RequestKeysKept
        "Unknown keys of a request are no longer kept." "What an old client says with them is lost.";
    ResponseKeysKept "response-keys-kept" [] ResponseKeysDropped
        "Unknown keys of an answer are kept." "An old client ignores them.";
    ResponseKeysDropped "response-keys-dropped" [] ResponseKeysKept
        "Unknown keys of an answer are no longer kept." "An old client finds none.";

    // Bodies.
    RequestBodyAdded "request-body-added" [Clients Servers] RequestBodyRemoved
        "A request has a body." "An old client sends none, and an old server reads none.";
    RequestBodyRemoved "request-body-removed" [Clients Servers] RequestBodyAdded
        "A request has no body any more." "A new server reads none, and an old server demands one.";
    RequestBytesAdded "request-bytes-added" [Servers] RequestBytesRemoved
        "A request has a body that may be empty." "An old server reads none.";
    RequestBytesRemoved "request-bytes-removed" [Clients] RequestBytesAdded
        "A request has no body any more; it could be empty." "A new server does not read what an old client sends.";
    RequestBodyKindChanged "request-body-kind-changed" [Clients Servers] RequestBodyKindChanged
        "The body of a request is of another kind." "Neither side can read what the other sends.";
    RequestBodyParsed "request-body-parsed" [Clients] RequestBodyUnparsed
        "A body of any bytes must be a value." "An old client may send bytes that are none.";
    RequestBodyUnparsed "request-body-unparsed" [Servers] RequestBodyParsed
        "A body that had to be a value may be any bytes." "An old server refuses bytes that are none.";
    ResponseBodyAdded "response-body-added" [Servers] ResponseBodyRemoved
        "An answer has a body." "An old server sends none.";
    ResponseBodyRemoved "response-body-removed" [Clients] ResponseBodyAdded
        "An answer has no body any more." "An old client reads one.";
    ResponseBodyKindChanged "response-body-kind-changed" [Clients Servers] ResponseBodyKindChanged
        "The body of an answer is of another kind." "Neither side can read what the other sends.";
    ResponseBodyUnparsed "response-body-unparsed" [Clients] ResponseBodyParsed
        "An answer that was a value may be any bytes." "An old client cannot read bytes that are none.";
    ResponseBodyParsed "response-body-parsed" [Servers] ResponseBodyUnparsed
        "An answer of any bytes is a value." "An old server may send bytes that are none.";
    RequestMediaTypeAdded "request-media-type-added" [Servers] RequestMediaTypeRemoved
        "A media type is accepted in a request." "An old server refuses it.";
    RequestMediaTypeRemoved "request-media-type-removed" [Clients] RequestMediaTypeAdded
        "A media type is no longer accepted in a request." "An old client may send it.";
    ResponseMediaTypeAdded "response-media-type-added" [Clients] ResponseMediaTypeRemoved
        "An answer may be of a new media type." "An old client cannot read it.";
    ResponseMediaTypeRemoved "response-media-type-removed" [Servers] ResponseMediaTypeAdded
        "An answer is no longer of a media type." "An old server may send it to a new client.";
    ChoiceAdded "choice-added" [Servers] ChoiceRemoved
        "A media type can be chosen by Accept." "An old server does not have it.";
    ChoiceRemoved "choice-removed" [Clients] ChoiceAdded
        "A media type can no longer be chosen by Accept." "An old client may ask for it.";
    DefaultChoiceChanged "default-choice-changed" [Clients Servers] DefaultChoiceChanged
        "Who does not choose by Accept gets another media type." "What comes is not what was expected.";
    RequestLimitLowered "request-limit-lowered" [Clients] RequestLimitRaised
        "A body may hold fewer bytes." "An old client may send more.";
    RequestLimitRaised "request-limit-raised" [Servers] RequestLimitLowered
        "A body may hold more bytes." "An old server refuses them.";
    ResponseLimitRaised "response-limit-raised" [Clients] ResponseLimitLowered
        "An answer may hold more bytes." "An old client refuses them.";
    ResponseLimitLowered "response-limit-lowered" [Servers] ResponseLimitRaised
        "An answer may hold fewer bytes." "A new client refuses what an old server may send.";
    LengthNowRequired "length-now-required" [Clients] LengthNowOptional
        "A body must come with its length." "An old client may send it in chunks.";
    LengthNowOptional "length-now-optional" [Servers] LengthNowRequired
        "A body may come without its length." "An old server refuses it.";

    // Answers.
    SuccessAdded "success-added" [Clients] SuccessRemoved
        "An operation has one more success." "An old client does not know it.";
    SuccessRemoved "success-removed" [Servers] SuccessAdded
        "An operation has one success less." "A new client does not know what an old server may answer.";
    SuccessNowOfClass "success-now-of-class" [] SuccessNowByItself
        "A success is no longer declared by itself, but one of a class of statuses." "Who takes the class takes it.";
    SuccessNowByItself "success-now-by-itself" [] SuccessNowOfClass
        "A success that was one of a class of statuses is declared by itself." "Who takes the class takes it.";
    SuccessNowUnknown "success-now-unknown" [Clients] SuccessNowKnown
        "A success with a body, or with a header that is always there, is but one of a class of statuses."
        "A new server need not send what an old client reads.";
    SuccessNowKnown "success-now-known" [Servers] SuccessNowUnknown
        "A success that was one of a class of statuses has a body, or a header that is always there."
        "An old server need not send what a new client reads.";
    SuccessStatusChanged "success-status-changed" [Clients Servers] SuccessStatusChanged
        "A success has another status." "Neither side knows the other's.";
    ResponseHeaderAdded "response-header-added" [] ResponseHeaderRemoved
        "A header that may be left out is added to an answer." "An old client ignores it, a new one does without it.";
    ResponseHeaderRemoved "response-header-removed" [] ResponseHeaderAdded
        "A header that could be left out is removed from an answer." "An old client does without it, a new one ignores it.";
    ResponseRequiredHeaderAdded "response-required-header-added" [Servers] ResponseRequiredHeaderRemoved
        "A header that is always there is added to an answer." "An old server does not send it.";
    ResponseRequiredHeaderRemoved "response-required-header-removed" [Clients] ResponseRequiredHeaderAdded
        "A header that was always there is removed from an answer." "An old client cannot do without it.";
    ResponseHeaderNowOptional "response-header-now-optional" [Clients] ResponseHeaderNowRequired
        "A header of an answer may be left out." "An old client cannot do without it.";
    ResponseHeaderNowRequired "response-header-now-required" [Servers] ResponseHeaderNowOptional
        "A header of an answer is always there." "An old server may leave it out.";
    FailureAdded "failure-added" [] FailureRemoved
        "An operation may fail with one more code." "A client takes a failure that it does not know as a failure.";
    FailureRemoved "failure-removed" [] FailureAdded
        "An operation no longer fails with a code." "A client takes a failure that it does not know as a failure.";
    FailureStatusChanged "failure-status-changed" [Clients Servers] FailureStatusChanged
        "A code of an operation has another status." "Who branches on the failure does not find it.";
    RejectionCodeChanged "rejection-code-changed" [Clients Servers] RejectionCodeChanged
        "What is refused has another code." "Who branches on the failure does not find it.";
    EnvelopeChanged "envelope-changed" [Clients Servers] EnvelopeChanged
        "Failures are written in another shape." "Neither side finds the code in the other's.";
    EnvelopeExtended "envelope-extended" [Servers] EnvelopeReduced
        "Failures say more." "An old server does not say it.";
    EnvelopeReduced "envelope-reduced" [Clients] EnvelopeExtended
        "Failures say less." "An old client looks for what is gone.";
    ErrorDetailAdded "error-detail-added" [Servers] ErrorDetailRemoved
        "A code has a detail." "An old server does not send it.";
    ErrorDetailRemoved "error-detail-removed" [Clients] ErrorDetailAdded
        "A code has no detail any more." "An old client looks for what is gone.";
    ErrorNowRepeats "error-now-repeats" [] ErrorRepeatsNoMore
        "One answer may hold a code several times." "Who reads one finds one.";
    ErrorRepeatsNoMore "error-repeats-no-more" [] ErrorNowRepeats
        "One answer holds a code once." "Who reads several finds one.";
    ConstantHeaderAdded "constant-header-added" [Servers] ConstantHeaderRemoved
        "Every answer carries a header." "An old server does not send it.";
    ConstantHeaderRemoved "constant-header-removed" [Clients] ConstantHeaderAdded
        "Answers no longer carry a header." "An old client may look for it.";
    ConstantHeaderChanged "constant-header-changed" [Clients Servers] ConstantHeaderChanged
        "A header of every answer has another value." "Who looks for one value finds another.";

    // Who may do what, and behaviours.
    SecurityAdded "security-added" [Servers] SecurityRemoved
        "A request may authenticate in another way." "An old server does not know it.";
    SecurityRemoved "security-removed" [Clients] SecurityAdded
        "A request may no longer authenticate in a way." "An old client may do it so.";
    OptionalSecurityAdded "optional-security-added" [] OptionalSecurityRemoved
        "A request may authenticate where it had no need to." "An old server answers it as one without credentials.";
    OptionalSecurityRemoved "optional-security-removed" [] OptionalSecurityAdded
        "A request may no longer authenticate in a way, and has no need to."
        "A new server answers it as one without credentials.";
    SecuritySchemeChanged "security-scheme-changed" [Clients Servers] SecuritySchemeChanged
        "A way to authenticate is another one." "Neither side knows the other's.";
    SecuritySchemeExtended "security-scheme-extended" [Servers] SecuritySchemeReduced
        "A scheme has another flow or scope." "An old server does not know it.";
    SecuritySchemeReduced "security-scheme-reduced" [Clients] SecuritySchemeExtended
        "A scheme no longer has a flow or scope." "An old client may use it.";
    AccessAdded "access-added" [Clients] AccessRemoved
        "A caller must be allowed more." "An old client may not be allowed it.";
    AccessRemoved "access-removed" [Servers] AccessAdded
        "A caller must be allowed less." "An old server still demands it.";
    ConditionalAdded "conditional-added" [Servers] ConditionalRemoved
        "Conditional requests are answered." "An old server ignores the condition.";
    ConditionalRemoved "conditional-removed" [Clients] ConditionalAdded
        "Conditional requests are no longer answered." "A new server ignores an old client's condition.";
    ConditionalChanged "conditional-changed" [Clients Servers] ConditionalChanged
        "Other conditions are answered." "Each side ignores the other's.";
    RangesAdded "ranges-added" [Servers] RangesRemoved
        "Ranges are answered." "An old server sends the whole.";
    RangesRemoved "ranges-removed" [Clients] RangesAdded
        "Ranges are no longer answered." "An old client gets the whole where it asks for a part.";
    IdempotencyAdded "idempotency-added" [Servers] IdempotencyRemoved
        "A request can be repeated by a key." "An old server does it twice.";
    IdempotencyRemoved "idempotency-removed" [Clients] IdempotencyAdded
        "A request can no longer be repeated by a key." "A new server does it twice for an old client.";
    IdempotencyChanged "idempotency-changed" [Clients Servers] IdempotencyChanged
        "The key by which a request is repeated stands elsewhere." "Each side misses the other's.";
    PaginationAdded "pagination-added" [Clients] PaginationRemoved
        "A list comes in pages." "An old client takes the first page for the whole.";
    PaginationRemoved "pagination-removed" [Servers] PaginationAdded
        "A list comes as a whole." "A new client takes the first page of an old server for the whole.";
    PaginationChanged "pagination-changed" [Clients Servers] PaginationChanged
        "The next page is found in another way." "Who looks for the next page does not find it.";
    ServerUrlAdded "server-url-added" [Servers] ServerUrlRemoved
        "A base URL is added." "Nobody has promised that an old server is there.";
    ServerUrlRemoved "server-url-removed" [Clients] ServerUrlAdded
        "A base URL is removed." "An old client may call it.";

    // What is on no wire.
    DeprecationAdded "deprecation-added" [] DeprecationRemoved
        "Something is deprecated." "It works as it did; compilers warn.";
    DeprecationRemoved "deprecation-removed" [] DeprecationAdded
        "Something is no longer deprecated." "It works as it did.";
    DeprecationChanged "deprecation-changed" [] DeprecationChanged
        "Why or until when something is deprecated has changed." "It works as it did.";
    MessageChanged "message-changed" [] MessageChanged
        "The message of a code has changed." "It is for people to read.";
    DocumentationChanged "documentation-changed" [] DocumentationChanged
        "A title, a description or a name of a chapter has changed." "It is for people to read.";
    ExampleChanged "example-changed" [] ExampleChanged
        "An example has changed." "It binds nobody.";
    SecrecyChanged "secrecy-changed" [] SecrecyChanged
        "What is shown in logs has changed." "It is on no wire.";
    VendorDataChanged "vendor-data-changed" [] VendorDataChanged
        "Vendor data has changed." "The generator makes nothing of it.";
    VersionChanged "version-changed" [] VersionChanged
        "The version or the name of the API has changed." "It is on no wire.";

    // What is generated.
    CodeItemAdded "code-item-added" [] CodeItemRemoved
        "A type is added." "Nothing uses it yet.";
    CodeItemRemoved "code-item-removed" [Code] CodeItemAdded
        "A type is removed or has another name." "Code that names it does not compile.";
    CodeMethodAdded "code-method-added" [Code] CodeMethodRemoved
        "A trait of the server has one more method." "Its implementations do not have it.";
    CodeMethodRemoved "code-method-removed" [Code] CodeMethodAdded
        "A trait of the server and the client have one method less."
        "Implementations have one too many, and callers none.";
    CodeFieldAdded "code-field-added" [Code] CodeFieldRemoved
        "A struct has one more field." "Code that writes all fields of the struct down does not compile.";
    CodeFieldRemoved "code-field-removed" [Code] CodeFieldAdded
        "A struct has one field less." "Code that uses the field does not compile.";
    CodeVariantAdded "code-variant-added" [Code] CodeVariantRemoved
        "An enum has one more variant." "A `match` over all variants does not compile.";
    CodeVariantRemoved "code-variant-removed" [Code] CodeVariantAdded
        "An enum has one variant less." "Code that names the variant does not compile.";
    CodeTypeChanged "code-type-changed" [Code] CodeTypeChanged
        "A field, a variant or a type is of another type." "Code that uses it does not compile.";
    CodeConstructorChanged "code-constructor-changed" [Code] CodeConstructorChanged
        "What `new` of a struct takes has changed." "Code that calls it does not compile.";
}
