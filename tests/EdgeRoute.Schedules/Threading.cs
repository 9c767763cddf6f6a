namespace EdgeRoute.Schedules;

/// <summary>Stands for the runtime's own lock, which Coyote does not see; a lock on any other object it does.</summary>
internal sealed class Lock;

/// <summary>The same for the thread pool: a task runs when Coyote says so.</summary>
internal static class ThreadPool
{
    public static void UnsafeQueueUserWorkItem(IThreadPoolWorkItem work, bool preferLocal) => _ = Task.Run(work.Execute);
}

/// <summary>The same for threads: now and then Coyote does not let one begin.</summary>
internal sealed class Thread(Action work)
{
    private Task _task = Task.CompletedTask;

    public bool IsBackground { get; set; }

    public string? Name { get; set; }

    public bool IsAlive => !_task.IsCompleted;

    public void Start() => _task = Task.Run(work);

    public void Join() => _task.Wait();

    public bool Join(int limitMs) => _task.Wait(limitMs);

    public static void Sleep(int ms) => Task.Delay(ms).Wait();

    public static void Yield() => Sleep(0);
}
