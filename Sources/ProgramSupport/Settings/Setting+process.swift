extension Setting {
    /// Of the settings about the process itself.
    var processDescription: Description {
        Description(
            placeholder: "FILE", defaultValue: "",
            summary: "Lines KEY=VALUE with these variables. Variables and flags win.")
    }
}
