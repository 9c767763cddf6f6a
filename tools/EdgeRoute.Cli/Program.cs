using EdgeRoute.Cli;

return RootCommands.Create().Parse(args).Invoke();
